"""The proposal that stands: it moves along with typing, and ends when its lines change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devstral_lsp.next_edit.changes import DocumentEdit, UserChange
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.text import Edit, Span, Text


class Display:
    """The last proposal, and whether the user has seen it."""

    def __init__(self) -> None:
        self.standing: Proposal | None = None
        self._is_shown = False
        self._changes: frozenset[tuple[object, ...]] = frozenset()

    def offer(self, proposal: Proposal, changes: Sequence[UserChange]) -> None:
        """The editor gets `proposal`, after `changes`."""
        if self.standing is None or self.standing.id != proposal.id:
            self._is_shown = False
        if not self._is_shown:
            self._changes = _names(changes)
        self.standing = proposal

    def shown(self, proposal_id: str) -> None:
        """The user sees it."""
        self._is_shown = self._is_shown or (
            self.standing is not None and self.standing.id == proposal_id
        )

    def covered(self) -> None:
        """The user does not see it any more, and so does not pass it over."""
        self._is_shown = False

    def accepted(self, proposal_id: str) -> None:
        """The user took it."""
        if self.standing is not None and self.standing.id == proposal_id:
            self.clear()

    def clear(self) -> None:
        """No proposal stands any more."""
        self.standing, self._is_shown = None, False

    def forget(self, uri: str) -> None:
        """A document was closed."""
        if self.standing is not None and self.standing.uri == uri:
            self.clear()

    def follow(self, edit: DocumentEdit) -> None:
        """A document was edited: the proposal moves along, or is taken, or does not fit."""
        standing = self.standing
        if standing is None or standing.uri != edit.uri:
            return
        moved = _moved(standing, edit)
        if moved is None:
            self.clear()
        else:
            self.standing = moved

    def missed(self, changes: Sequence[UserChange]) -> Proposal | None:
        """The proposal that was seen, and in the place of which the user made another change."""
        standing = self.standing
        if standing is None or not self._is_shown or _names(changes) <= self._changes:
            return None
        self.clear()
        return standing


def _names(changes: Sequence[UserChange]) -> frozenset[tuple[object, ...]]:
    return frozenset((each.uri, each.old, each.new) for each in changes)


def _moved(proposal: Proposal, edit: DocumentEdit) -> Proposal | None:
    """The proposal in the edited text; None where the edit touches its lines."""
    span, made = proposal.edit.span, edit.edit
    if made.span.start > span.end or (made.span.start == span.end and span.start < span.end):
        return proposal if _still_stands(proposal, edit.edited) else None
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
    return moved if _still_stands(moved, edit.edited) else None


def _still_stands(proposal: Proposal, text: Text) -> bool:
    if proposal.end > text.line_count:
        return False
    return proposal.old == tuple(
        text.line(number) for number in range(proposal.first, proposal.end)
    )
