"""Where the user has been editing, over all documents: what they are about right now.

Fed with every change as the text before and after. Neighbouring edits grow together into one
place; a change of hundreds of lines at once is a formatter's or git's and no place at all. Knows no
cursor: `recent_edits.py` leaves out what stands around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from devstral_lsp.context.base import Hunk
from devstral_lsp.text import Edit, Snapshot, Span, Text, minimal_edit, normalize_newlines

MOST_PLACES = 32
LINES_AROUND = 2
LINES_BETWEEN = 3
"""Places with no more lines than this between them are one."""
LONGEST_HUNK = 20
"""Lines of one place that are shown."""
MOST_UNTOLD = 8
"""Changes that are put off. Each holds a text; those of a client that sends edits share most."""
LARGEST_CHANGE = 100
"""Lines of one change that a user makes by hand, or by pasting."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A range that was edited, in the newest text of its document."""

    uri: str
    language: str
    text: Text
    span: Span

    @property
    def lines(self) -> tuple[int, int]:
        return self.text.line_of(self.span.start), self.text.line_of(self.span.end)


class EditHistory:
    """The last places that were edited, the newest last. Belongs to one editor."""

    def __init__(self, *, most: int = MOST_PLACES) -> None:
        self._most = most
        self._places: list[_Place] = []
        self._untold: list[tuple[Snapshot | None, Snapshot]] = []

    def changed(self, old: Snapshot | None, new: Snapshot) -> None:
        """A document changed from `old` to `new`. `old` is None where it was just opened."""
        # Somebody is typing, and waits for more than this: what has changed is found out later.
        self._untold.append((old, new))
        if len(self._untold) >= MOST_UNTOLD:
            self._follow()

    def hunks(self) -> tuple[Hunk, ...]:
        """The places as they read now, the newest last."""
        self._follow()
        return tuple(_hunk(place) for place in self._places)

    def _follow(self) -> None:
        for old, new in self._untold:
            self._take(old, new)
        self._untold.clear()

    def _take(self, old: Snapshot | None, new: Snapshot) -> None:
        mine = [place for place in self._places if place.uri == new.uri]
        if old is None:
            edit = None if all(place.text == new.text for place in mine) else _everything(new.text)
        else:
            edit = minimal_edit(old.text, new.text) if old.text != new.text else None
        if edit is None:
            return
        moved = [_moved(place, new, edit) for place in self._places]
        self._places = [place for place in moved if place is not None]
        if old is not None and not _is_large(old.text, new.text, edit):
            span = Span(edit.span.start, edit.span.start + len(edit.text))
            self._add(_Place(new.uri, new.language, new.text, span))

    def _add(self, new: _Place) -> None:
        others = []
        for place in self._places:
            if _touch(place, new):
                start = min(place.span.start, new.span.start)
                new = replace(new, span=Span(start, max(place.span.end, new.span.end)))
            else:
                others.append(place)
        self._places = [*others, new][-self._most :]


def _everything(text: Text) -> Edit:
    """The document was opened with a text that is not the one it was closed with."""
    return Edit(Span(0, 1 << 62), str(text))


def _is_large(old: Text, new: Text, edit: Edit) -> bool:
    start, length = edit.span.start, len(edit.text)
    removed = old.line_of(edit.span.end) - old.line_of(start)
    added = new.line_of(start + length) - new.line_of(start)
    return max(removed, added) > LARGEST_CHANGE


def _moved(place: _Place, new: Snapshot, edit: Edit) -> _Place | None:
    """The place in the new text; None if the edit took it away."""
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


def _touch(one: _Place, other: _Place) -> bool:
    (first, last), (other_first, other_last) = one.lines, other.lines
    is_near = first - LINES_BETWEEN <= other_last + 1 and other_first - LINES_BETWEEN <= last + 1
    return one.uri == other.uri and is_near


def _hunk(place: _Place) -> Hunk:
    text, (first, last) = place.text, place.lines
    from_line = max(0, first - LINES_AROUND)
    to_line = min(text.line_count - 1, last + LINES_AROUND, from_line + LONGEST_HUNK - 1)
    shown = text.slice(text.line_start(from_line), text.line_end(to_line))
    return Hunk(place.uri, place.language, normalize_newlines(shown), from_line, max(to_line, last))
