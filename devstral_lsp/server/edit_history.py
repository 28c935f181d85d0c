"""The edits that were made in the editor, so that the last one can be taken back.

An edit counts once the document reads as it was to read: what the editor says of it is no proof,
and of a code action's edit it says nothing at all. It sends nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from devstral_lsp.refactor.types import EMPTY_TEXT, FileChange
from devstral_lsp.text import Edit, Snapshot, Span, Text

_MOST = 10
"""How many edits can be taken back, one after the other; and how many are waited for."""


@dataclass(eq=False)
class PendingEdit:
    """An edit that the editor was given. `moved` once it has touched any of the documents."""

    title: str
    changes: tuple[FileChange, ...]
    is_undo: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def after(self) -> dict[str, Text]:
        """What the files are to read that stay, by URI."""
        # Not at start-up: comparing texts brings `difflib`, and no edit has been made yet.
        from devstral_lsp.edits.line_edits import apply_edits

        staying = [each for each in self.changes if not each.is_deleted]
        return {each.uri: apply_edits(each.before, each.edits) for each in staying}

    def inverse(self) -> tuple[FileChange, ...]:
        """What takes it back, last things first."""
        return tuple(
            _inverse(each, self.after.get(each.uri, EMPTY_TEXT)) for each in reversed(self.changes)
        )


class EditHistory:
    """Those of one session."""

    def __init__(self) -> None:
        self._expected: deque[PendingEdit] = deque(maxlen=_MOST)
        self._made: deque[PendingEdit] = deque(maxlen=_MOST)

    def track(
        self, title: str, changes: Sequence[FileChange], *, is_undo: bool = False
    ) -> PendingEdit:
        """The editor is about to be given these changes."""
        expected = PendingEdit(title, tuple(changes), is_undo)
        self._expected.append(expected)
        return expected

    def changed(self, snapshot: Snapshot) -> None:
        """A document reads otherwise now."""
        for expected in tuple(self._expected):
            if snapshot.uri in expected.after:
                expected.moved.set()
                if snapshot.text == expected.after[snapshot.uri]:
                    self.confirm(expected)

    def confirm(self, expected: PendingEdit) -> None:
        """The edit has been made."""
        if expected in self._expected:
            self._expected.remove(expected)
            if not expected.is_undo:
                self._made.append(expected)

    @property
    def last(self) -> PendingEdit | None:
        """The edit that was made last and has not been taken back."""
        return self._made[-1] if self._made else None

    def mark_undone(self, expected: PendingEdit) -> None:
        if expected in self._made:
            self._made.remove(expected)


def _inverse(change: FileChange, after: Text) -> FileChange:
    if change.is_deleted:
        whole = (Edit(Span(0, 0), str(change.before)),)
        return FileChange(uri=change.uri, edits=whole, is_new=True)
    if change.is_new:
        return FileChange(uri=change.uri, before=after, is_deleted=True)
    back = FileChange(uri=change.uri, edits=_inverted(change), before=after)
    if not change.renamed_from:
        return back
    return replace(back, uri=change.renamed_from, renamed_from=change.uri)


def _inverted(change: FileChange) -> tuple[Edit, ...]:
    """The edits that undo `change.edits`, counted in the text after them."""
    inverted, shift = [], 0
    for edit in change.edits:
        start = edit.span.start + shift
        old = change.before.slice(edit.span.start, edit.span.end)
        inverted.append(Edit(Span(start, start + len(edit.text)), old))
        shift += len(edit.text) - len(old)
    return tuple(inverted)
