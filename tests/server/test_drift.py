"""Where places have gone by an edit."""

from __future__ import annotations

from hypothesis import given

from devstral_lsp.server.drift import map_offset
from devstral_lsp.text import Text, minimal_edit
from tests.support.plain_text import documents, insertions


@given(documents, insertions, documents)
def test_places_behind_it_move_and_those_before_it_stay(
    before: str, middle: str, after: str
) -> None:
    edit = minimal_edit(Text.of(before + after), Text.of(before + middle + after))
    assert map_offset(0, edit) == 0
    end = len(before + after)
    assert map_offset(end, edit) in (end, end + len(middle))
    if end > edit.span.start:
        assert map_offset(end, edit) == end + len(middle)
