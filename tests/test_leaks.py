from __future__ import annotations

import re

import pytest

from devstral_lsp.leaks import CONFLICT_MARKER, KNOWN_SECRET, SECRET_NAME, control_tokens, is_key


@pytest.mark.parametrize(
    "token",
    [
        *("[PREFIX]", "[/INST]", "[TOOL_CALLS]", "[CONTROL_12]", "<s>", "</s>", "<unk>"),
        *("<|fim_prefix|>", "<|endoftext|>", "<|/assistant|>", "<｜fim▁begin｜>", "<fim_middle>"),
        *("<EOT>", "<end_of_turn>", "<[fim-suffix]>", "</think>", "<<SYS>>"),
    ],
)
def test_tokens_of_every_family(token: str) -> None:
    assert [match[0] for match in control_tokens(f"return total {token}")] == [token]


@pytest.mark.parametrize(
    "code",
    ["vector<s> x;", "a <| b |> c", "x[prefix]", "/** <PRE>a\n</PRE> */", "<p>", "a < b > c"],
)
def test_code_that_looks_a_little_like_one(code: str) -> None:
    assert not list(control_tokens(code))


def test_the_lines_of_a_conflict() -> None:
    code = "a\n<<<<<<< HEAD\nb\n||||||| 1f2e\nc\n=======\nd\n>>>>>>> topic\n"
    assert len(CONFLICT_MARKER.findall(code)) == 4


@pytest.mark.parametrize("line", ["x <<<<<<< HEAD", "<<<<<<<", "========", "a = 1 << 7"])
def test_no_line_of_a_conflict(line: str) -> None:
    assert CONFLICT_MARKER.search(f"a\n{line}\nb\n") is None


@pytest.mark.parametrize(
    "key",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "AKIA2J4K6L8M0N1P3Q5R",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "sk-proj-a1B2c3D4e5F6g7H8i9J0",
        "xoxb-123456789012-abcdefghij",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    ],
)
def test_keys_that_tell_by_their_form(key: str) -> None:
    match = re.search(KNOWN_SECRET, f'x = "{key}"')
    assert match is not None
    assert match[0] == key
    assert is_key(key)


@pytest.mark.parametrize("name", ["api_key", "APIKEY", "client-secret", "dbPassword", "auth_token"])
def test_names_of_what_is_kept_secret(name: str) -> None:
    assert re.search(f"{SECRET_NAME}$", name)


@pytest.mark.parametrize(
    "value",
    ["TokenFactoryFromEnvironment", "12345678901234567890", "aaaaaaaaaaa1", "${KEY_2024_A}"],
)
def test_what_is_no_key(value: str) -> None:
    assert not is_key(value)
