"""What rules learn from changes: a pattern, which finds places to make the same change.

Lines are without line ends; line numbers count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from devstral_lsp.next_edit.lines import DocumentLines

MAX_PLACES = 40
"""Of one pattern in one document: with more, it is no change that is made by hand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Lines from `first` to before `end` that would become `new`."""

    first: int
    end: int
    new: tuple[str, ...]


class Pattern(Protocol):
    """A change that may be made in other places, too."""

    @property
    def rule(self) -> str:
        """The name of the rule that learned it."""

    @property
    def key(self) -> tuple[str, ...]:
        """What it does: equal for changes that are alike."""

    @property
    def evidence(self) -> int:
        """How many characters of a place agree with those of the change."""

    def places(self, text: DocumentLines) -> Iterator[Place]:
        """Where it fits in a document, at most MAX_PLACES."""
