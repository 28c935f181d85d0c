from __future__ import annotations

import pytest

from devstral_lsp.providers.control_tokens import control_tokens
from devstral_lsp.text import CONFLICT_MARKER


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
