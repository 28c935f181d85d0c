"""The interface of patterns, which rules learn from changes to find more places for them.

Lines are without line ends; line numbers count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from devstral_lsp.next_edit.lines import DocumentLines

MAX_PLACES = 40
"""Of one pattern in one document: a change to more places is not made by hand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Replace the lines from `first` to before `end` by `new`."""

    first: int
    end: int
    new: tuple[str, ...]


class Pattern(Protocol):
    """A change that can be repeated in other places."""

    @property
    def rule(self) -> str:
        """The name of the rule that learned it."""

    @property
    def key(self) -> tuple[str, ...]:
        """Identifies what it does: equal for similar changes."""

    @property
    def evidence(self) -> int:
        """How many characters a place must have in common with the change."""

    def places(self, text: DocumentLines) -> Iterator[Place]:
        """The places where it applies in a document, at most MAX_PLACES."""
