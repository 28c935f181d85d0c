"""Each filter does what its docstring shows, twice is once, and golden cases pass the chain."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.completion.filters import FILTERS, Filter, apply_filters
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.providers.base import FinishReason
from tests.completion.filters.notation import KEEP, Case, examples, golden

EXAMPLES = [(each, case) for each in FILTERS for case in examples(each.__doc__ or "")]
GOLDEN = [
    case for path in sorted(Path(__file__).parent.glob("golden/*.txt")) for case in golden(path)
]
CASES_PER_FILTER = 8


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.__name__)
def test_the_docstring_shows_an_example(each: Filter) -> None:
    shown = each.__doc__ or ""
    assert len(examples(shown)) == shown.count("Before") > 0


@pytest.mark.parametrize(
    ("each", "case"), EXAMPLES, ids=lambda each: getattr(each, "__name__", None) or str(each)
)
def test_examples_run(each: Filter, case: Case) -> None:
    kept = each(case.draft, case.place)
    assert (kept and kept.text) == case.shown
    assert (kept.replaces_after if kept else 0) == case.covers


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_golden(case: Case) -> None:
    verdict = apply_filters(case.draft, case.place)
    assert (verdict.draft and verdict.draft.text) == case.shown, verdict
    assert (verdict.draft.replaces_after if verdict.draft else 0) == case.covers, verdict
    if case.tag == KEEP:
        assert case.shown == case.draft.text
    else:
        assert case.tag in (*verdict.changed_by, verdict.dropped_by)


def test_there_are_enough_cases() -> None:
    tags = Counter(case.tag for case in GOLDEN)
    names = {each.__name__ for each in FILTERS}
    assert set(tags) == {*names, KEEP}
    assert {name: tags[name] for name in names if tags[name] < CASES_PER_FILTER} == {}
    assert len(GOLDEN) >= 250
    assert len({case.place.language.name for case in GOLDEN}) >= 10
    assert len({str(case) for case in GOLDEN}) == len(GOLDEN)


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.__name__)
def test_each_filter_is_idempotent(each: Filter) -> None:
    for case in [*GOLDEN, *(case for _, case in EXAMPLES)]:
        once = each(case.draft, case.place)
        if once is not None:
            assert each(once, case.place) == once, case


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_the_chain_is_idempotent(case: Case) -> None:
    once = apply_filters(case.draft, case.place).draft
    if once is not None:
        assert apply_filters(once, case.place).draft == once


def test_what_a_cut_uncovers_is_filtered_too() -> None:
    place = CursorContext.from_marked('    println!("{}", │.len());\n', "rust")
    said = "items.len());const a = { b: 1, c: ;"
    once = apply_filters(Draft(text=said, kind=CompletionKind.REST_OF_LINE), place).draft
    assert once is not None
    assert once.text == "items"
    assert apply_filters(once, place).draft == once


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_what_is_covered_is_contained(case: Case) -> None:
    kept = apply_filters(case.draft, case.place).draft
    if kept is not None:
        assert kept.replaces_after <= len(case.place.line_after)
        assert _is_within(case.place, kept)


def test_a_verdict_names_who_changed_and_who_dropped() -> None:
    place = CursorContext.from_marked("x = │\n")
    changed = apply_filters(Draft(text="1 + 1</s>", kind=CompletionKind.STATEMENT), place)
    dropped = apply_filters(Draft(text="</s>", kind=CompletionKind.STATEMENT), place)
    assert changed.changed_by == ("cut_control_tokens",)
    assert dropped.draft is None
    assert dropped.dropped_by == "cut_control_tokens"
    assert (
        apply_filters(Draft(text="</s>", kind=CompletionKind.STATEMENT), place, filters=()).draft
        is not None
    )


_PIECES = st.sampled_from(
    ["x", "foo(", ")", "}", "{", "\n", "    ", "\t", "```py\n", '"""', "'", '"', "`", "# a", "//",
     "</s>", "if a:", "end", "[[", "/*", "*/", "return x", ";", ",", ":", " ", "\r\n", "=======",
     "self.", "é"]
)  # fmt: skip
_TEXT = st.lists(_PIECES, max_size=14).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    before=_TEXT,
    after=_TEXT,
    text=_TEXT,
    language=st.sampled_from(["python", "javascript", "lua", "html", "shellscript", "c", "x"]),
    kind=st.sampled_from(CompletionKind),
    finish=st.sampled_from([FinishReason.STOP, FinishReason.LENGTH, None]),
)
def test_any_text_is_filtered_and_filtered_once(
    before: str,
    after: str,
    text: str,
    language: str,
    kind: CompletionKind,
    finish: FinishReason | None,
) -> None:
    place = CursorContext.from_marked(f"{before}│{after}", language)
    for each in FILTERS:
        kept = each(Draft(text=text, kind=kind, finish=finish), place)
        assert kept is None or each(kept, place) == kept, each.__name__
    once = apply_filters(Draft(text=text, kind=kind, finish=finish), place).draft
    if once is not None:
        assert once.text.strip()
        assert apply_filters(once, place).draft == once
        assert _is_within(place, once)


def _is_within(place: CursorContext, draft: Draft) -> bool:
    characters = iter(draft.text)
    return all(character in characters for character in place.line_after[: draft.replaces_after])
