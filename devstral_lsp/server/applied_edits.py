"""The edits that the editor applied, so that the last one can be undone.

An edit counts as applied once the document has the expected text: an editor's confirmation is no
proof, and there is none for the edit of a code action.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from devstral_lsp.refactor.types import EMPTY_TEXT, FileChange
from devstral_lsp.text import Edit, Snapshot, Span, Text

_MAX_ENTRIES = 10
"""For the edits that can be undone, and for the pending ones."""


@dataclass(eq=False)
class PendingEdit:
    """An edit that was sent to the editor.

    `moved` is set once one of its documents has changed, `applied` once one has the expected text.
    """

    title: str
    changes: tuple[FileChange, ...]
    is_undo: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    applied: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def after(self) -> dict[str, Text]:
        """The expected texts of the files that are not deleted, by URI."""
        # Imported here because it loads `difflib`.
        from devstral_lsp.edits.line_edits import apply_edits

        staying = [each for each in self.changes if not each.is_deleted]
        return {each.uri: apply_edits(each.before, each.edits) for each in staying}

    def inverse(self) -> tuple[FileChange, ...]:
        """The changes that undo it, in reverse order."""
        return tuple(
            _inverse(each, self.after.get(each.uri, EMPTY_TEXT)) for each in reversed(self.changes)
        )


class AppliedEdits:
    """The edits of one session."""

    def __init__(self) -> None:
        self._pending: deque[PendingEdit] = deque(maxlen=_MAX_ENTRIES)
        self._applied: deque[PendingEdit] = deque(maxlen=_MAX_ENTRIES)

    def track(
        self, title: str, changes: Sequence[FileChange], *, is_undo: bool = False
    ) -> PendingEdit:
        """Track these changes, which are about to be sent."""
        edit = PendingEdit(title, tuple(changes), is_undo)
        self._pending.append(edit)
        return edit

    def changed(self, snapshot: Snapshot) -> None:
        """Call this when a document has changed."""
        for edit in tuple(self._pending):
            if snapshot.uri in edit.after:
                edit.moved.set()
                if snapshot.text == edit.after[snapshot.uri]:
                    self.confirm(edit)

    def confirm(self, edit: PendingEdit) -> None:
        """Record that the edit has been applied."""
        if edit in self._pending:
            self._pending.remove(edit)
            edit.applied.set()
            if not edit.is_undo:
                self._applied.append(edit)

    def drop(self, edit: PendingEdit) -> None:
        """Forget an edit that the editor has refused."""
        if edit in self._pending:
            self._pending.remove(edit)

    @property
    def last(self) -> PendingEdit | None:
        """The last edit that has not been undone."""
        return self._applied[-1] if self._applied else None

    def mark_undone(self, edit: PendingEdit) -> None:
        if edit in self._applied:
            self._applied.remove(edit)


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
    """The edits that undo `change.edits`, with offsets in the text after them."""
    inverted, shift = [], 0
    for edit in change.edits:
        start = edit.span.start + shift
        old = change.before.slice(edit.span.start, edit.span.end)
        inverted.append(Edit(Span(start, start + len(edit.text)), old))
        shift += len(edit.text) - len(old)
    return tuple(inverted)
