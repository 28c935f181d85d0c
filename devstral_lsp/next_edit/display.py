"""Tracks the displayed proposal: edits elsewhere move it, edits of its lines remove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devstral_lsp.next_edit.changes import DocumentEdit, UserChange
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.text import Edit, Span, Text


class Display:
    """The last proposal, and whether the user has seen it."""

    def __init__(self) -> None:
        self.current: Proposal | None = None
        self._is_shown = False
        self._changes: frozenset[tuple[object, ...]] = frozenset()

    def offer(self, proposal: Proposal, changes: Sequence[UserChange]) -> None:
        """Store the proposal that is sent to the editor, after `changes`."""
        if self.current is None or self.current.id != proposal.id:
            self._is_shown = False
        if not self._is_shown:
            self._changes = _names(changes)
        self.current = proposal

    def shown(self, proposal_id: str) -> None:
        """Record that the editor displays it."""
        self._is_shown = self._is_shown or (
            self.current is not None and self.current.id == proposal_id
        )

    def covered(self) -> None:
        """Record that a completion hides it, so that the next change does not refuse it."""
        self._is_shown = False

    def accepted(self, proposal_id: str) -> None:
        """Record that the user took it."""
        if self.current is not None and self.current.id == proposal_id:
            self.clear()

    def clear(self) -> None:
        """Remove the proposal."""
        self.current, self._is_shown = None, False

    def forget(self, uri: str) -> None:
        """Call this when a document is closed."""
        if self.current is not None and self.current.uri == uri:
            self.clear()

    def follow(self, edit: DocumentEdit) -> None:
        """Move the proposal with an edit, or remove it if the edit changes its lines."""
        if self.current is None or self.current.uri != edit.uri:
            return
        moved = _moved(self.current, edit)
        if moved is None:
            self.clear()
        else:
            self.current = moved

    def take_missed(self, changes: Sequence[UserChange]) -> Proposal | None:
        """Remove and return the proposal that was displayed while the user made another change."""
        current = self.current
        if current is None or not self._is_shown or _names(changes) <= self._changes:
            return None
        self.clear()
        return current


def _names(changes: Sequence[UserChange]) -> frozenset[tuple[object, ...]]:
    return frozenset((each.uri, each.old, each.new) for each in changes)


def _moved(proposal: Proposal, edit: DocumentEdit) -> Proposal | None:
    """The proposal in the edited text; None if the edit touches its lines."""
    span, made = proposal.edit.span, edit.edit
    if made.span.start > span.end or (made.span.start == span.end and span.start < span.end):
        return proposal if _is_valid(proposal, edit.edited) else None
    if made.span.end > span.start:
        return None
    shift = len(made.text) - (made.span.end - made.span.start)
    lines = edit.edited.line_of(span.start + shift) - edit.text.line_of(span.start)
    moved = replace(
        proposal,
        edit=Edit(Span(span.start + shift, span.end + shift), proposal.edit.text),
        first=proposal.first + lines,
        end=proposal.end + lines,
    )
    return moved if _is_valid(moved, edit.edited) else None


def _is_valid(proposal: Proposal, text: Text) -> bool:
    """Whether the text still contains the lines that the proposal replaces."""
    if proposal.end > text.line_count:
        return False
    return proposal.old == tuple(
        text.line(number) for number in range(proposal.first, proposal.end)
    )
