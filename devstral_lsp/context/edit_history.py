"""Track where the user has been editing, over all documents.

Receives each change as the text before and after. Neighbouring edits merge into one place. A change
of hundreds of lines comes from a formatter or from git, and is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from devstral_lsp.context.base import Hunk
from devstral_lsp.text import Edit, Snapshot, Span, Text, minimal_edit, normalize_newlines

MAX_PLACES = 32
LINES_AROUND = 2
LINES_BETWEEN = 3
"""Places with at most this many lines between them are merged."""
MAX_HUNK_LINES = 20
"""Lines of one place that are shown."""
MAX_PENDING = 8
"""Changes that wait to be processed. Each holds a text; incremental edits share most of it."""
MAX_CHANGE_LINES = 100
"""Lines of the largest change that counts as a user's."""


@dataclass(frozen=True, slots=True)
class _Place:
    """An edited range in the newest text of its document."""

    uri: str
    language: str
    text: Text
    span: Span

    @property
    def lines(self) -> tuple[int, int]:
        return self.text.line_of(self.span.start), self.text.line_of(self.span.end)


class EditHistory:
    """The most recently edited places, the newest last. One instance per editor."""

    def __init__(self, *, most: int = MAX_PLACES) -> None:
        self._most = most
        self._places: list[_Place] = []
        self._pending: list[tuple[Snapshot | None, Snapshot]] = []

    def changed(self, old: Snapshot | None, new: Snapshot) -> None:
        """Record that a document changed from `old` to `new`; `old` is None when it was opened."""
        # Processed later: the user is typing and must not wait.
        self._pending.append((old, new))
        if len(self._pending) >= MAX_PENDING:
            self._process_pending()

    def hunks(self) -> tuple[Hunk, ...]:
        """The edited places with their current text, the newest last."""
        self._process_pending()
        return tuple(_to_hunk(place) for place in self._places)

    def _process_pending(self) -> None:
        for old, new in self._pending:
            self._apply_change(old, new)
        self._pending.clear()

    def _apply_change(self, old: Snapshot | None, new: Snapshot) -> None:
        mine = [place for place in self._places if place.uri == new.uri]
        if old is None:
            edit = (
                None if all(place.text == new.text for place in mine) else _whole_document(new.text)
            )
        else:
            edit = minimal_edit(old.text, new.text) if old.text != new.text else None
        if edit is None:
            return
        moved = [_move_place(place, new, edit) for place in self._places]
        self._places = [place for place in moved if place is not None]
        if old is not None and not _is_large(old.text, new.text, edit):
            span = Span(edit.span.start, edit.span.start + len(edit.text))
            self._add(_Place(new.uri, new.language, new.text, span))

    def _add(self, new: _Place) -> None:
        others = []
        for place in self._places:
            if _are_adjacent(place, new):
                start = min(place.span.start, new.span.start)
                new = replace(new, span=Span(start, max(place.span.end, new.span.end)))
            else:
                others.append(place)
        self._places = [*others, new][-self._most :]


def _whole_document(text: Text) -> Edit:
    """An edit of the whole document: it was opened with another text than it was closed with."""
    return Edit(Span(0, 1 << 62), str(text))


def _is_large(old: Text, new: Text, edit: Edit) -> bool:
    start, length = edit.span.start, len(edit.text)
    removed = old.line_of(edit.span.end) - old.line_of(start)
    added = new.line_of(start + length) - new.line_of(start)
    return max(removed, added) > MAX_CHANGE_LINES


def _move_place(place: _Place, new: Snapshot, edit: Edit) -> _Place | None:
    """The place in the new text; None if the edit deleted it."""
    if place.uri != new.uri:
        return place
    span, delta = place.span, len(edit.text) - (edit.span.end - edit.span.start)
    if edit.span.start <= span.start and span.end <= edit.span.end and edit.span.end > span.start:
        return None
    start = (
        span.start if span.start <= edit.span.start else max(edit.span.start, span.start + delta)
    )
    end = span.end if span.end < edit.span.start else max(start, span.end + delta)
    return replace(place, text=new.text, span=Span(start, end))


def _are_adjacent(one: _Place, other: _Place) -> bool:
    (first, last), (other_first, other_last) = one.lines, other.lines
    is_near = first - LINES_BETWEEN <= other_last + 1 and other_first - LINES_BETWEEN <= last + 1
    return one.uri == other.uri and is_near


def _to_hunk(place: _Place) -> Hunk:
    text, (first, last) = place.text, place.lines
    from_line = max(0, first - LINES_AROUND)
    to_line = min(text.line_count - 1, last + LINES_AROUND, from_line + MAX_HUNK_LINES - 1)
    shown = text.slice(text.line_start(from_line), text.line_end(to_line))
    return Hunk(place.uri, place.language, normalize_newlines(shown), from_line, max(to_line, last))
