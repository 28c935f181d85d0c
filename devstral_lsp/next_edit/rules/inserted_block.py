"""Lines are inserted between two others: the same where such lines are adjacent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.next_edit.changes import UserChange
from devstral_lsp.next_edit.lines import DocumentLines
from devstral_lsp.next_edit.pattern import MAX_PLACES, Pattern, Place
from devstral_lsp.next_edit.tokens import split_tokens

MIN_EVIDENCE = 6
"""Characters of the two lines, without whitespace at their ends."""
MIN_TOKENS = 3
"""Tokens of a line with which the structure of others is compared."""
KEPT_WORDS = 1
"""Words at the start of such a line that must be equal."""
MAX_HITS = 200
"""Lines that are compared."""
_ANY = "\0"
"""Any name or number."""


def learn(change: UserChange) -> Iterator[Pattern]:
    """The lines between the two, and before a line with the structure of the second."""
    if change.old or not any(line.strip() for line in change.new):
        return
    exact = InsertedBlock(change.above, change.below, change.new)
    if exact.evidence >= MIN_EVIDENCE:
        yield exact
    if len(split_tokens(change.below.strip())) >= MIN_TOKENS:
        yield BlockBefore(change.below, change.new)


@dataclass(frozen=True, slots=True)
class BlockBefore:
    """Insert the lines `new` before a line with the structure of `below`, with its indentation."""

    below: str
    new: tuple[str, ...]
    rule: str = "block_before"

    @property
    def key(self) -> tuple[str, ...]:
        indent = indent_of(self.below)
        return (self.rule, *_shape(self.below), *(each.removeprefix(indent) for each in self.new))

    @property
    def evidence(self) -> int:
        return len("".join(_shape(self.below)))

    def places(self, text: DocumentLines) -> Iterator[Place]:
        """The lines of that shape without the block before them."""
        shape, string = _shape(self.below), text.string
        start = "".join(takewhile(lambda token: token != _ANY, shape))
        last, found = self.below.rstrip()[-1:], 0
        at = string.find(start)
        for _ in range(MAX_HITS):
            if at < 0 or found >= MAX_PLACES:
                return
            line = text.line_of(at)
            content = text.line(line)
            is_like = content.lstrip().startswith(start) and content.rstrip().endswith(last)
            if is_like and _shape(content) == shape:
                new = _indented(self.new, self.below, content)
                if line and text.line(line - 1) != new[-1]:
                    found += 1
                    yield Place(line, line, new)
            at = string.find(start, max(text.line_end(line), at + 1))


def _shape(line: str) -> tuple[str, ...]:
    """The tokens of a line, in which names and numbers after the first word are _ANY."""
    words, shape = 0, []
    for token in split_tokens(line.strip()):
        is_word = token[0].isalnum() or token[0] == "_"
        words += is_word
        shape.append(_ANY if is_word and words > KEPT_WORDS else token)
    return tuple(shape)


@dataclass(frozen=True, slots=True)
class InsertedBlock:
    """Insert the lines `new` between `above` and `below`, with their indentation."""

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

    def places(self, text: DocumentLines) -> Iterator[Place]:
        above, below = self.above.strip(), self.below.strip()
        is_above = len(above) >= len(below)
        needle, string = above if is_above else below, text.string
        at, found = string.find(needle), 0
        while at >= 0 and found < MAX_PLACES:
            line = text.line_of(at)
            first = line + 1 if is_above else line
            if 0 < first < text.line_count and (
                text.line(first - 1).strip() == above and text.line(first).strip() == below
            ):
                found += 1
                beside = self.above if is_above else self.below
                yield Place(first, first, _indented(self.new, beside, text.line(line)))
            at = string.find(needle, max(text.line_end(line), at + 1))


def _indented(lines: tuple[str, ...], like: str, there: str) -> tuple[str, ...]:
    """`lines`, which are indented like the line `like`, with the indentation of `there`."""
    own, other = indent_of(like), indent_of(there)
    return tuple(
        other + each.removeprefix(own) if each.startswith(own) and each.strip() else each
        for each in lines
    )
