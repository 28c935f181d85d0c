"""Lines were put between two others: so they are where the same two stand side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.pattern import MAX_PLACES, Pattern, Place
from devstral_lsp.text import Text

MIN_EVIDENCE = 6
"""Characters beside blanks of the two lines."""


def learn(change: UserChange) -> Iterator[Pattern]:
    """The lines, and the two between which they were put."""
    pattern = InsertedBlock(change.above, change.below, change.new)
    is_something = any(line.strip() for line in change.new)
    if not change.old and is_something and pattern.evidence >= MIN_EVIDENCE:
        yield pattern


@dataclass(frozen=True, slots=True)
class InsertedBlock:
    """Between `above` and `below` come the lines `new`, under their indentation."""

    above: str
    below: str
    new: tuple[str, ...]
    rule: str = "inserted_block"

    @property
    def key(self) -> tuple[str, ...]:
        return (self.rule, self.above.strip(), self.below.strip(), *self.new)

    @property
    def evidence(self) -> int:
        return len(self.above.strip()) + len(self.below.strip())

    def places(self, text: Text) -> Iterator[Place]:
        above, below = self.above.strip(), self.below.strip()
        is_above = len(above) >= len(below)
        needle, string = above if is_above else below, str(text)
        at, found = string.find(needle), 0
        while at >= 0 and found < MAX_PLACES:
            line = text.line_of(at)
            first = line + 1 if is_above else line
            if 0 < first < text.line_count and (
                text.line(first - 1).strip() == above and text.line(first).strip() == below
            ):
                found += 1
                yield Place(first, first, self._indented(text.line(line), is_above))
            at = string.find(needle, max(text.line_end(line), at + 1))

    def _indented(self, line: str, is_above: bool) -> tuple[str, ...]:
        own, there = _indent(self.above if is_above else self.below), _indent(line)
        return tuple(
            there + each.removeprefix(own) if each.startswith(own) and each.strip() else each
            for each in self.new
        )


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
