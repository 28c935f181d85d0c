"""What no edit may add: control tokens, hidden characters, secrets."""

from __future__ import annotations

import pytest

from devstral_lsp.edits.checks import adds_control_token, adds_secret, why_hidden


@pytest.mark.parametrize(
    "token",
    [
        *("[PREFIX]", "[SUFFIX]", "[MIDDLE]", "[INST]", "[/INST]", "[TOOL_CALLS]", "[THINK]"),
        *(
            "<s>",
            "</s>",
            "<unk>",
            "<|fim_prefix|>",
            "<|endoftext|>",
            "<|file_sep|>",
            "<|im_start|>",
        ),
        *("<｜fim▁begin｜>", "<fim_middle>", "<file_sep>", "<PRE>", "<EOT>", "<end_of_turn>"),
        *("<[fim-suffix]>", "<think>", "</think>", "<<SYS>>", "<|python_tag|>", "[/SYSTEM_PROMPT]"),
    ],
)
def test_tokens_of_every_family(token: str) -> None:
    assert adds_control_token(f"x = 1 {token}\n", "x = 1\n", "python")
    assert adds_control_token(
        f"return x{token}\n" if token[0] == "[" else f"{token}\n", "", "python"
    )
    assert not adds_control_token(f"x = 1 {token}\n", f"y = 2 {token}\n", "python")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("parts[SUFFIX] + SUFFIX\n", "python"),
        ("SUFFIX = 1\nx = [SUFFIX]\n", "python"),
        ("<s>old</s>\n", "html"),
        ("<p><s>{old}</s></p>\n", "javascriptreact"),
        ("vector<s> x;\n", "cpp"),
        ("/** <PRE>a</PRE> */\n", "java"),
        ("a <| b |> c\n", "elixir"),
        ("x = a[inst]\n", "python"),
    ],
)
def test_what_only_looks_like_one(code: str, language: str) -> None:
    assert not adds_control_token(code, "", language)


SECRETS = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "AKIA2J4K6L8M0N1P3Q5R",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat-a1B2c3D4e5F6g7H8i9J0",
    "sk-proj-a1B2c3D4e5F6g7H8i9J0",
    "xoxb-123456789012-abcdefghij",
    "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "password = 'hX7$k2Lm9Qp4Zr8Tn1'",
    'const apiKey: string = "8f14e45fceea167a5a36dedd4bea2543"',
    '{"client_secret": "8f14e45fceea167a5a36dedd4bea2543"}',
    "auth_token: 8f14e45fceea167a5a36dedd4bea2543",
    "export DB_PASSWORD=a1B2c3D4e5F6g7H8i9J0",
]


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_that_was_not_there(line: str) -> None:
    assert adds_secret(f"x\n{line}\ny\n", "x\ny\n")
    assert not adds_secret(f"x\n{line}\nz\n", f"x\n{line}\ny\n")


@pytest.mark.parametrize(
    "line",
    [
        "token = TokenFactory2FromEnvironment",
        "password = os.environ['SHOP_PASSWORD_2024']",
        "secret = 'correct horse battery staple 1'",
        "api_key = 'aaaaaaaaaaaaaaaaaaaa1'",
        "token = f'{first}-{second}-1234567'",
        "access_key = '${ACCESS_KEY_2024_PROD}'",
        "token_count = 12345678901234567890",
        "sk-learn is a package",
        "url = 'https://example.org/a1B2c3D4e5F6g7H8i9J0'",
    ],
)
def test_what_is_no_secret(line: str) -> None:
    assert not adds_secret(f"{line}\n", "")


HIDDEN = ["\u202e", "\u200b", "\U000e0041", "\x1b", "\x00", "\u2028", "\ufeff"]


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_a_character_that_was_not_there_is_named_and_not_repeated(character: str) -> None:
    sentence = why_hidden(f"x\ny = '{character}'\n", "x\ny\n")
    assert sentence is not None
    assert f"U+{ord(character):04X}" in sentence
    assert character not in sentence


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_one_that_was_there_may_stay_and_move(character: str) -> None:
    line = f"y = '{character}'"
    assert why_hidden(f"z\n{line}\n", f"x\n{line}\n") is None
    assert why_hidden(f"z\n    {line}\n", f"x\n{line}\n") is None


def test_a_byte_order_mark_may_begin_a_file() -> None:
    assert why_hidden("\ufeffx = 1\n", "") is None
    assert why_hidden("\ufeffx = 2\n", "\ufeffx = 1\n") is None


def test_a_line_end_that_a_terminal_writes_over_is_none_of_the_files() -> None:
    sentence = why_hidden("evil()\r# safe\n", "x\n")
    assert sentence is not None
    assert "U+000D CARRIAGE RETURN" in sentence
    assert why_hidden("a\r\nb\r\n", "x\n") is None
    assert why_hidden("a\rb\rc\r", "a\rb\r") is None


def test_of_many_the_first_are_named() -> None:
    sentence = why_hidden("".join(map(chr, range(0xE0061, 0xE0070))), "")
    assert sentence is not None
    assert "U+E0063 TAG LATIN SMALL LETTER C and 12 more" in sentence
