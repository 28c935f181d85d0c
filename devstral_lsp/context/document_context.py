"""The last context of a document, and when it may be used again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from devstral_lsp.context.base import Snippet
from devstral_lsp.context.choice import Choice
from devstral_lsp.context.members.source import Block
from devstral_lsp.text import Snapshot

MAX_LINES_AWAY = 100
"""Lines from the cursor of its request; further away, other context is needed."""


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """A request: a cursor (`offset` in code points), its notebook's cells, and the budget."""

    snapshot: Snapshot
    offset: int
    cells: tuple[Snapshot, ...]
    budget_characters: int

    @property
    def line(self) -> int:
        return self.snapshot.text.line_of(self.offset)


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """The context of a document, and the inputs on which it depends besides the document's text.

    `found` are the sources' snippets, and `choices` what became of them. In the prompt, the chosen
    ones precede the `block` that the cursor needs.
    """

    other_inputs: object
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
        """All choices in the order of the prompt, the block's last."""
        return (*self.choices, *self.block.choices)

    @property
    def reasons(self) -> str:
        """What each source and each need contributed; without text and paths, for the trace."""
        sizes: defaultdict[str, list[int]] = defaultdict(list)
        for snippet in self.chosen:
            sizes[snippet.source].append(len(snippet.text))
        for each in self.block.choices:
            if not each.left_out:
                sizes[each.reason].append(len(each.snippet.text))
        told = (
            f"{reason}: {len(each)} piece{'s' if len(each) > 1 else ''} of {sum(each)} code points"
            for reason, each in sizes.items()
        )
        return ", ".join(told) or "nothing"

    def is_usable(self, other_inputs: object, line: int) -> bool:
        """Whether it may be used again, for a cursor in this line."""
        return self.other_inputs == other_inputs and abs(self.line - line) <= MAX_LINES_AWAY
