"""Each filter does what its docstring shows, twice is once, and golden cases pass the chain."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.completion.filters import FILTERS, Filter, apply
from devstral_lsp.completion.request import Draft, Kind, Place
from devstral_lsp.providers.base import Finish
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
    assert (kept.covers if kept else 0) == case.covers


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_golden(case: Case) -> None:
    verdict = apply(case.draft, case.place)
    assert (verdict.draft and verdict.draft.text) == case.shown, verdict
    assert (verdict.draft.covers if verdict.draft else 0) == case.covers, verdict
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
    once = apply(case.draft, case.place).draft
    if once is not None:
        assert apply(once, case.place).draft == once


def test_what_a_cut_uncovers_is_filtered_too() -> None:
    place = Place.at('    println!("{}", │.len());\n', "rust")
    said = "items.len());const a = { b: 1, c: ;"
    once = apply(Draft(text=said, kind=Kind.REST_OF_LINE), place).draft
    assert once is not None
    assert once.text == "items"
    assert apply(once, place).draft == once


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_what_is_covered_is_contained(case: Case) -> None:
    kept = apply(case.draft, case.place).draft
    if kept is not None:
        assert kept.covers <= len(case.place.line_after)
        assert _is_within(case.place, kept)


def test_a_verdict_names_who_changed_and_who_dropped() -> None:
    place = Place.at("x = │\n")
    changed = apply(Draft(text="1 + 1</s>", kind=Kind.STATEMENT), place)
    dropped = apply(Draft(text="</s>", kind=Kind.STATEMENT), place)
    assert changed.changed_by == ("cut_control_tokens",)
    assert dropped.draft is None
    assert dropped.dropped_by == "cut_control_tokens"
    assert apply(Draft(text="</s>", kind=Kind.STATEMENT), place, filters=()).draft is not None


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
    kind=st.sampled_from(Kind),
    finish=st.sampled_from([Finish.STOP, Finish.LENGTH, None]),
)
def test_any_text_is_filtered_and_filtered_once(
    before: str, after: str, text: str, language: str, kind: Kind, finish: Finish | None
) -> None:
    place = Place.at(f"{before}│{after}", language)
    for each in FILTERS:
        kept = each(Draft(text=text, kind=kind, finish=finish), place)
        assert kept is None or each(kept, place) == kept, each.__name__
    once = apply(Draft(text=text, kind=kind, finish=finish), place).draft
    if once is not None:
        assert once.text.strip()
        assert apply(once, place).draft == once
        assert _is_within(place, once)


def _is_within(place: Place, draft: Draft) -> bool:
    characters = iter(draft.text)
    return all(character in characters for character in place.line_after[: draft.covers])
