"""Whole lines are replaced or deleted: the same wherever these lines occur."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import MAX_PLACES, Pattern, Place

MIN_EVIDENCE = 4
"""Characters of the lines, without whitespace at their ends."""


def learn(change: UserChange) -> Iterator[Pattern]:
    """The whole change, if its lines are distinctive enough."""
    pattern = SameBlock(change.old, change.new)
    if change.old and pattern.evidence >= MIN_EVIDENCE:
        yield pattern


@dataclass(frozen=True, slots=True)
class SameBlock:
    """Lines `old` become `new`, at any common indentation."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    rule: str = "same_block"

    @property
    def key(self) -> tuple[str, ...]:
        indent = indent_of(self.old[0])
        lines = (*self.old, "\n", *self.new)
        return (self.rule, *(line.removeprefix(indent) for line in lines))

    @property
    def evidence(self) -> int:
        return sum(len(line.strip()) for line in self.old)

    def places(self, text: DocumentLines) -> Iterator[Place]:
        string = text.string
        anchor = max(range(len(self.old)), key=lambda number: len(self.old[number].strip()))
        needle = self.old[anchor].strip()
        at, found = string.find(needle), 0
        while at >= 0 and found < MAX_PLACES:
            line = text.line_of(at)
            new = self._fits(text, line - anchor)
            if new is not None:
                found += 1
                yield Place(line - anchor, line - anchor + len(self.old), new)
            at = string.find(needle, max(text.line_end(line), at + 1))

    def _fits(self, text: DocumentLines, first: int) -> tuple[str, ...] | None:
        if first < 0 or first + len(self.old) > text.line_count:
            return None
        lines = [text.line(first + number) for number in range(len(self.old))]
        own, there = indent_of(self.old[0]), indent_of(lines[0])
        if [_moved(line, own, there) for line in self.old] != lines:
            return None
        return tuple(_moved(line, own, there) for line in self.new)


def _moved(line: str, own: str, there: str) -> str:
    """`line` at another indentation; a line that is not indented by `own` is not changed."""
    return there + line.removeprefix(own) if line.startswith(own) and line.strip() else line
