"""What a document was told, as long as it may be told again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from devstral_lsp.context.base import Snippet
from devstral_lsp.context.choice import Choice
from devstral_lsp.context.members.source import Block
from devstral_lsp.text import Snapshot

TOLD_LINES = 100
"""Lines from where it was told; further away everything may be different."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cursor (`offset` in code points) and its notebook's cells, and how much may be told."""

    snapshot: Snapshot
    offset: int
    cells: tuple[Snapshot, ...]
    budget_characters: int

    @property
    def line(self) -> int:
        return self.snapshot.text.line_of(self.offset)


@dataclass(frozen=True, slots=True)
class Told:
    """What a document was told, and what of that depends on anything but its own text.

    `found` is what the sources found, and `choices` what became of it; what is chosen stands before
    the `block` that the cursor asked for.
    """

    elsewhere: object
    line: int
    path: str
    found: tuple[Snippet, ...]
    choices: tuple[Choice, ...]
    head: str
    block: Block

    @property
    def chosen(self) -> tuple[Snippet, ...]:
        return tuple(each.snippet for each in self.choices if not each.left_out)

    @property
    def all_choices(self) -> tuple[Choice, ...]:
        """In the order of the prompt, with the block's at the end."""
        return (*self.choices, *self.block.choices)

    @property
    def reasons(self) -> str:
        """How many pieces each source gave, and what the cursor asked for; no text, no paths."""
        counted = Counter([each.source for each in self.chosen])
        counted.update(each.reason for each in self.block.choices if not each.left_out)
        return ", ".join(f"{count} of {reason}" for reason, count in counted.items()) or "nothing"

    def will_do(self, elsewhere: object, line: int) -> bool:
        """Whether it may be told again, at this line."""
        return self.elsewhere == elsewhere and abs(self.line - line) <= TOLD_LINES
