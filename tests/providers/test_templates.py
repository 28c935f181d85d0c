"""How each family wants a gap, letter by letter, and what a user's text may do to it: nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.providers.templates import TEMPLATES, Template, template_of

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
]


@pytest.mark.parametrize(("model", "prompt"), RENDERED)
def test_the_name_tells_the_family_and_the_family_the_prompt(model: str, prompt: str) -> None:
    template = template_of(model)
    assert template is not None
    assert template.render("P", "S") == prompt


@pytest.mark.parametrize(
    "model",
    [
        *("devstral-small-2507", "mistral-small", "codestral-mamba", "qwen3:8b", "gpt-4o", ""),
        *("codellama:34b-code", "codellama:7b-instruct", "codellama:7b-python", "seed-coder"),
    ],
)
def test_who_was_not_taught_to_fill_has_no_template(model: str) -> None:
    assert template_of(model) is None


def test_the_bars_of_deepseek_are_not_ascii() -> None:
    template = template_of("deepseek-coder")
    assert template is not None
    assert not set("|_") & set("".join(template.tokens))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.family)
def test_a_line_of_the_table_is_sound(template: Template) -> None:
    assert template.layout.count("{prefix}") == template.layout.count("{suffix}") == 1
    assert all(template.layout.count(token) == 1 for token in template.tokens)
    assert 1 <= len(template.stops) <= 4


def test_nothing_is_trimmed() -> None:
    template = template_of("codegemma")
    assert template is not None
    assert (
        template.render("a \n\t", "\n b ")
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
    template = template_of("qwen2.5-coder")
    assert template is not None
    expected = f"<|fim_prefix|>{kept_prefix}<|fim_suffix|>{kept_suffix}<|fim_middle|>"
    assert template.render(prefix, suffix) == expected


HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(sorted({each for line in TEMPLATES for each in line.controls})),
        st.text("ab <>[]|_\n/{}", max_size=6),
    ),
    max_size=6,
).map("".join)


@given(st.sampled_from(TEMPLATES), HOSTILE, HOSTILE)
def test_no_text_of_a_user_adds_a_control_string(
    template: Template, prefix: str, suffix: str
) -> None:
    rendered, empty = template.render(prefix, suffix), template.render("", "")
    for control in template.controls:
        assert rendered.count(control) == empty.count(control)
