from __future__ import annotations

import pytest

from devstral_lsp.refactor.control_tokens import leaks_control_token


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
    assert leaks_control_token(f"x = 1 {token}\n", "x = 1\n", "python")
    assert leaks_control_token(
        f"return x{token}\n" if token[0] == "[" else f"{token}\n", "", "python"
    )
    assert not leaks_control_token(f"x = 1 {token}\n", f"y = 2 {token}\n", "python")


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
    assert not leaks_control_token(code, "", language)
