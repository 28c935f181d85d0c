"""How each family wants a gap, letter by letter, and what a user's text may do to it: nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.context.selection import MARKER as MARKER_OF_CONTEXT
from devstral_lsp.providers.base import FimRequest
from devstral_lsp.providers.fim.templates import (
    MARKER,
    TEMPLATES,
    ContextFile,
    FimTemplate,
    SplitPrompt,
    find_template,
    split_prompt,
)


def rendered(template: FimTemplate, prefix: str, suffix: str, head_length: int = 0) -> str:
    return template.render(
        FimRequest(prompt=prefix, suffix=suffix, context_length=head_length, max_tokens=9)
    )


RENDERED = [
    ("codestral-22b", "[SUFFIX]S[PREFIX]P"),
    ("mistralai/Codestral-22B-v0.1", "[SUFFIX]S[PREFIX]P"),
    ("codestral-2501", "</s>[SUFFIX]S[PREFIX]P[MIDDLE]"),
    ("qwen2.5-coder:7b", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
    ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
    ("bigcode/starcoder2-3b", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
    ("ibm-granite/granite-3b-code-base", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
    ("stable-code:3b", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
    ("bigcode/santacoder", "<fim-prefix>P<fim-suffix>S<fim-middle>"),
    ("deepseek-coder-v2:16b", "<｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>"),
    ("codellama:7b-code", "<PRE> P <SUF>S <MID>"),
    ("codegemma:2b", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
    ("zai-org/GLM-4.5-Air", "<|code_prefix|>P<|code_suffix|>S<|code_middle|>"),
    ("ByteDance-Seed/Seed-Coder-8B-Base", "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>"),
    ("Seed-Coder-8B-Base.i1-Q4_K_M.gguf", "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>"),
]


@pytest.mark.parametrize(("model", "prompt"), RENDERED)
def test_the_name_tells_the_family_and_the_family_the_prompt(model: str, prompt: str) -> None:
    template = find_template(model)
    assert template is not None
    assert rendered(template, "P", "S") == prompt


@pytest.mark.parametrize(
    "model",
    [
        *("devstral-small-2507", "mistral-small", "codestral-mamba", "qwen3:8b", "gpt-4o", ""),
        *("codellama:34b-code", "codellama:7b-instruct", "codellama:7b-python"),
        *("ByteDance-Seed/Seed-Coder-8B-Instruct", "Seed-Coder-8B-Reasoning-bf16", "seed-oss"),
    ],
)
def test_who_was_not_taught_to_fill_has_no_template(model: str) -> None:
    assert find_template(model) is None


def test_the_bars_of_deepseek_are_not_ascii() -> None:
    template = find_template("deepseek-coder")
    assert template is not None
    assert not set("|_") & set("".join(template.tokens))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.family)
def test_a_line_of_the_table_is_sound(template: FimTemplate) -> None:
    places = ["{prefix}", "{suffix}", *(f"{{{at}}}" for at in range(len(template.tokens)))]
    assert [template.layout.count(place) for place in places] == [1] * len(places)
    assert 1 <= len(template.stops) <= 4


def test_nothing_is_trimmed() -> None:
    template = find_template("codegemma")
    assert template is not None
    assert (
        rendered(template, "a \n\t", "\n b ")
        == "<|fim_prefix|>a \n\t<|fim_suffix|>\n b <|fim_middle|>"
    )


CUT = [
    ('a\nT = "<|fim_prefix|>"\nb', "", "b", ""),
    ("a\n<|fim_prefix|> b", "", " b", ""),
    ("a", 'b\nc = "<|endoftext|>"\nd', "a", "b\n"),
    ("a", "b <|im_end|>\nc", "a", "b "),
    ("x <|file_sep|>\ny <|fim_middle|>\nz", "1\n2 <|fim_suffix|> <|fim_middle|>", "z", "1\n"),
]


@pytest.mark.parametrize(("prefix", "suffix", "kept_prefix", "kept_suffix"), CUT)
def test_the_window_ends_at_a_control_string(
    prefix: str, suffix: str, kept_prefix: str, kept_suffix: str
) -> None:
    template = find_template("qwen2.5-coder")
    assert template is not None
    expected = f"<|fim_prefix|>{kept_prefix}<|fim_suffix|>{kept_suffix}<|fim_middle|>"
    assert rendered(template, prefix, suffix) == expected


HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(sorted({each for line in TEMPLATES for each in line.special_tokens})),
        st.text("ab <>[]|_\n/{}", max_size=6),
    ),
    max_size=6,
).map("".join)


@given(st.sampled_from(TEMPLATES), HOSTILE, HOSTILE)
def test_no_text_of_a_user_adds_a_control_string(
    template: FimTemplate, prefix: str, suffix: str
) -> None:
    found, empty = rendered(template, prefix, suffix), rendered(template, "", "")
    for control in template.special_tokens:
        assert found.count(control) == empty.count(control)


# Other files

HEAD = "+++++ a.py\nA = 1\n\nA2 = 2\n\n+++++ b.py\nB = 2\n\n+++++ c.py\n"


def test_the_marker_is_that_of_the_context() -> None:
    assert MARKER == MARKER_OF_CONTEXT


@pytest.mark.parametrize(
    ("head", "own", "parts"),
    [
        (
            HEAD,
            "C = ",
            SplitPrompt(
                (ContextFile("a.py", "A = 1\n\nA2 = 2\n"), ContextFile("b.py", "B = 2\n")),
                "c.py",
                "C = ",
            ),
        ),
        ("+++++ c.py\n", "\n+++++ C\n", SplitPrompt((), "c.py", "\n+++++ C\n")),
        ("", "+++++ C\nx", SplitPrompt((), "", "+++++ C\nx")),
        ("# no such head\n", "C", SplitPrompt((), "", "# no such head\nC")),
    ],
)
def test_a_prompt_is_taken_apart(head: str, own: str, parts: SplitPrompt) -> None:
    assert (
        split_prompt(FimRequest(prompt=head + own, context_length=len(head), max_tokens=9)) == parts
    )


def test_qwen_reads_other_files_by_tokens_of_its_own() -> None:
    template = find_template("qwen2.5-coder")
    assert template is not None
    assert rendered(template, HEAD + "C = ", "\n", len(HEAD)) == (
        "<|repo_name|>repository\n"
        "<|file_sep|>a.py\nA = 1\n\nA2 = 2\n"
        "<|file_sep|>b.py\nB = 2\n"
        "<|file_sep|>c.py\n"
        "<|fim_prefix|>C = <|fim_suffix|>\n<|fim_middle|>"
    )


def test_a_file_that_holds_a_control_string_is_not_told() -> None:
    template = find_template("qwen2.5-coder")
    assert template is not None
    head = "+++++ a.py\nT = '<|file_sep|>'\n\n+++++ c.py\n"
    assert rendered(template, head + "C = ", "\n", len(head)) == (
        "<|fim_prefix|>C = <|fim_suffix|>\n<|fim_middle|>"
    )


def test_codestral_reads_them_in_the_prefix() -> None:
    template = find_template("codestral")
    assert template is not None
    found = rendered(template, HEAD + "C = ", "\n", len(HEAD))
    assert found == f"[SUFFIX]\n[PREFIX]{HEAD}C = "
