"""The pattern of rules that replace tokens within lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import MAX_PLACES, Place


@dataclass(frozen=True, slots=True)
class Substitution:
    """Replace `old` by `new` between `left` and `right`, wherever a line contains them."""

    rule: str
    left: str
    old: str
    new: str
    right: str

    @property
    def key(self) -> tuple[str, ...]:
        return (self.rule, self.left, self.old, self.new, self.right)

    @property
    def evidence(self) -> int:
        return len((self.left + self.old + self.right).strip())

    def places(self, text: DocumentLines) -> Iterator[Place]:
        """One place for each line, however often it contains the tokens."""
        string, needle = text.string, self.left + self.old + self.right
        at, found = string.find(needle), 0
        while at >= 0 and found < MAX_PLACES:
            line = text.line_of(at)
            before = text.line(line)
            if (after := self.applied(before)) != before:
                found += 1
                yield Place(line, line + 1, (after,))
            at = string.find(needle, max(text.line_end(line), at + 1))

    def applied(self, line: str) -> str:
        """`line` with the tokens replaced, except within longer names."""
        needle = self.left + self.old + self.right
        pieces, start = [], 0
        at = line.find(needle)
        while at >= 0:
            end = at + len(needle)
            if _is_whole(line, at, end) and not self._is_made(line, at + len(self.left)):
                pieces.append(line[start:at] + self.left + self.new)
                start = end - len(self.right)
            at = line.find(needle, max(at + 1, start))
        return "".join(pieces) + line[start:]

    def _is_made(self, line: str, at: int) -> bool:
        """Whether the insertion is already there."""
        return not self.old and (line.startswith(self.new, at) or line.endswith(self.new, 0, at))


def _is_whole(line: str, start: int, end: int) -> bool:
    """Whether no name continues beyond either end."""
    return not (
        (start and _are_in_name(line[start - 1], line[start]))
        or (end < len(line) and _are_in_name(line[end - 1], line[end]))
    )


def _are_in_name(one: str, other: str) -> bool:
    return (one.isalnum() or one == "_") and (other.isalnum() or other == "_")
