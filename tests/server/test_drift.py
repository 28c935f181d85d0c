"""The one edit between two texts, and where places have gone by it."""

from __future__ import annotations

from hypothesis import given

from devstral_lsp.server.drift import difference, moved
from devstral_lsp.text import Text
from tests.support.plain_text import documents, insertions


@given(documents, documents)
def test_makes_the_one_of_the_other(before: str, after: str) -> None:
    edit = difference(Text.of(before), Text.of(after))
    span = edit.span
    assert before[: span.start] + edit.text + before[span.end :] == after


@given(documents, insertions, documents)
def test_finds_no_more_than_was_inserted(before: str, middle: str, after: str) -> None:
    edit = difference(Text.of(before + after), Text.of(before + middle + after))
    assert edit.span.start == edit.span.end
    assert len(edit.text) == len(middle)


@given(documents, insertions, documents)
def test_places_behind_it_move_and_those_before_it_stay(
    before: str, middle: str, after: str
) -> None:
    edit = difference(Text.of(before + after), Text.of(before + middle + after))
    assert moved(0, edit) == 0
    end = len(before + after)
    assert moved(end, edit) in (end, end + len(middle))
    if end > edit.span.start:
        assert moved(end, edit) == end + len(middle)
