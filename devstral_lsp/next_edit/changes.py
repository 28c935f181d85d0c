"""The user's own last changes, before and after, from the edits of all documents.

Adjacent edits are merged into one change, until the user edits elsewhere. A change is the
difference, line by line, between the texts before and after, so that corrections and undo leave no
trace. An edit of many lines at once is that of a formatter or git, and not the user's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from devstral_lsp.next_edit.tokens import similarity
from devstral_lsp.text import Edit, Snapshot, Span, Text, map_offset, minimal_edit

MAX_CHANGES = 24
"""Changes that are stored, over all documents."""
MAX_LINES = 30
"""Lines of a change that rules learn from; a longer one is new code."""
MAX_LINES_AT_ONCE = 100
"""Lines of one edit that a user makes by typing or pasting."""
MIN_SIMILAR = 0.4
"""Minimum share of equal tokens in two versions of the same line."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """Lines that the user replaced by others, all without line ends.

    `span` is that of the new lines, in code points, in the current text of the document; later
    edits move it. `above` and `below` are the neighbouring lines, "" at the ends of the document.
    `hunk` is the number of lines of the whole change that it is part of.
    """

    uri: str
    language: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    above: str
    below: str
    span: Span
    hunk: int


@dataclass(frozen=True, slots=True)
class DocumentEdit:
    """One edit of a document: `text` became `edited`."""

    uri: str
    language: str
    text: Text
    edit: Edit
    edited: Text

    @classmethod
    def between(cls, old: Snapshot, new: Snapshot) -> DocumentEdit:
        """The edit from `old` to `new`."""
        return cls(new.uri, new.language, old.text, minimal_edit(old.text, new.text), new.text)


@dataclass(frozen=True, slots=True)
class _Burst:
    """Adjacent edits: the document before them, and the span that they cover now."""

    uri: str
    language: str
    base: Text
    text: Text
    span: Span


class ChangeHistory:
    """The last changes, the newest last, including the unfinished one."""

    def __init__(self) -> None:
        self._finished: list[UserChange] = []
        self._burst: _Burst | None = None
        self._open: tuple[UserChange, ...] | None = ()

    def follow(self, edit: DocumentEdit) -> None:
        """Add an edit."""
        if edit.text == edit.edited:
            return
        burst = self._burst
        is_large = _is_large(edit)
        if is_large or burst is None or not _continues(burst, edit):
            self._finish()
            burst = None
        self._move(edit)
        if is_large:
            return
        if burst is not None:
            start = min(burst.span.start, edit.edit.span.start)
            end = max(
                map_offset(burst.span.end, edit.edit), edit.edit.span.start + len(edit.edit.text)
            )
            self._burst = replace(burst, text=edit.edited, span=Span(start, end))
        else:
            start = edit.edit.span.start
            span = Span(start, start + len(edit.edit.text))
            self._burst = _Burst(edit.uri, edit.language, edit.text, edit.edited, span)
        self._open = None

    def forget(self, uri: str) -> None:
        """Call this when a document is closed: its change is finished."""
        if self._burst is not None and self._burst.uri == uri:
            self._finish()

    def changes(self) -> tuple[UserChange, ...]:
        """All changes, the newest last."""
        return _without_undone((*self._finished, *self.open_changes()))

    def open_changes(self) -> tuple[UserChange, ...]:
        """The unfinished change; several if it changes separate lines."""
        if self._open is None:
            self._open = tuple(_changes(self._burst)) if self._burst is not None else ()
        return self._open

    def _finish(self) -> None:
        found = (*self._finished, *self.open_changes())
        self._finished = list(_without_undone(found)[-MAX_CHANGES:])
        self._burst, self._open = None, ()

    def _move(self, edit: DocumentEdit) -> None:
        self._finished = [
            replace(each, span=_moved(each.span, edit.edit)) if each.uri == edit.uri else each
            for each in self._finished
        ]


def _moved(span: Span, edit: Edit) -> Span:
    shift = len(edit.text) - (edit.span.end - edit.span.start)
    if edit.span.end <= span.start and edit.span.start < span.start:
        return Span(span.start + shift, span.end + shift)
    if edit.span.start >= span.end:
        return span
    start = min(span.start, edit.span.start)
    return Span(start, max(start, span.end + shift))


def _is_large(edit: DocumentEdit) -> bool:
    start = edit.edit.span.start
    removed = edit.text.line_of(edit.edit.span.end) - edit.text.line_of(start)
    added = edit.edited.line_of(start + len(edit.edit.text)) - edit.edited.line_of(start)
    return max(removed, added) > MAX_LINES_AT_ONCE


def _continues(burst: _Burst, edit: DocumentEdit) -> bool:
    """Whether an edit touches the lines of the burst, or the line right beside them."""
    if burst.uri != edit.uri:
        return False
    first, last = (edit.text.line_of(at) for at in (burst.span.start, burst.span.end))
    start, end = (edit.text.line_of(at) for at in (edit.edit.span.start, edit.edit.span.end))
    return start <= last + 1 and first - 1 <= end


def _changes(burst: _Burst) -> Iterator[UserChange]:
    """The changes of the burst, in whole lines."""
    base, text = burst.base, burst.text
    edit = minimal_edit(base, text)
    if not edit.text and edit.span.start == edit.span.end:
        return
    first = base.line_of(edit.span.start)
    old_end, new_end = base.line_of(edit.span.end), text.line_of(edit.span.start + len(edit.text))
    old = tuple(base.line(number) for number in range(first, old_end + 1))
    new = tuple(text.line(number) for number in range(first, new_end + 1))
    hunk = max(len(old), len(new))
    if hunk > MAX_LINES_AT_ONCE:
        return
    for start, end, new_start, new_last in line_hunks(old, new):
        if max(end - start, new_last - new_start) > MAX_LINES:
            continue
        top, bottom = first + new_start, first + new_last
        begin = text.line_start(top) if top < text.line_count else len(text)
        yield UserChange(
            burst.uri,
            burst.language,
            old[start:end],
            new[new_start:new_last],
            text.line(top - 1) if top else "",
            text.line(bottom) if bottom < text.line_count else "",
            Span(begin, text.line_end(bottom - 1) if bottom > top else begin),
            hunk,
        )


def line_hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that differ: start and end in `old`, start and end in `new`.

    A run that changes each of its lines to a similar one is split into lines.
    """
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs = list(zip(old[start:end], new[new_start:new_end], strict=False))
        is_line_by_line = end - start == new_end - new_start > 1 and all(
            similarity(*pair) >= MIN_SIMILAR for pair in pairs
        )
        if not is_line_by_line:
            yield start, end, new_start, new_end
            continue
        for number in range(end - start):
            if old[start + number] != new[new_start + number]:
                yield start + number, start + number + 1, new_start + number, new_start + number + 1


def _without_undone(changes: Sequence[UserChange]) -> tuple[UserChange, ...]:
    """The changes without those that a later one reverted, and without the reverting ones."""
    kept: list[UserChange] = []
    for change in changes:
        undone = next(
            (
                each
                for each in reversed(kept)
                if each.uri == change.uri
                and (each.old, each.new) == (change.new, change.old)
                and _touch(each.span, change.span)
            ),
            None,
        )
        if undone is not None:
            kept.remove(undone)
        else:
            kept.append(change)
    return tuple(kept)


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
