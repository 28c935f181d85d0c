"""The text of a document, as an immutable value.

`Text` is a rope of small blocks: an edit rebuilds the one to three blocks that it touches and
shares the rest. A `Snapshot` is a `Text` with its document's URI, version and language. All offsets
count code points; `server/positions.py` converts LSP positions.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

BLOCK_SIZE = 4096
"""Code points in a new block.

The time to rebuild a block is proportional to its size, and the time to sum the blocks' lengths to
their number; at this size both are about the same in a file of 50,000 lines.
"""

CONFLICT_MARKER = re.compile(r"^(?:<{7} .*|\|{7}(?: .*)?|>{7}(?: .*)?|={7})$", re.MULTILINE)
"""A conflict marker of git. Seven `=` may also underline a heading."""


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of offsets (code points)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `span` by `text`."""

    span: Span
    text: str


class Text:
    r"""A document's immutable text: an edit returns a new one that shares most blocks.

    Offsets and lengths are code points, lines are counted from 0. A line ends only at "\n", "\r\n"
    or "\r", as in LSP; after a final line end follows an empty line. Lone surrogates and a byte
    order mark are ordinary code points. Texts are equal if their strings are.
    """

    __slots__ = ("_block_size", "_line_ends", "_string", "blocks", "offsets")

    def __init__(self, blocks: tuple[_Block, ...], block_size: int) -> None:
        r"""A rope of blocks, which start at `offsets` (code points). Use `Text.of`.

        No block is empty, and none ends between "\r" and "\n".
        """
        self.blocks = blocks
        self._block_size = block_size
        self.offsets = _running_totals([len(block.string) for block in blocks])
        self._line_ends = _running_totals([block.line_end_count for block in blocks])
        self._string: str | None = None

    @classmethod
    def of(cls, string: str, *, block_size: int = BLOCK_SIZE) -> Text:
        """The text of `string`. Tests choose a small `block_size` (code points)."""
        return cls(tuple(_blocks(string, block_size)), block_size)

    def __len__(self) -> int:
        return self.offsets[-1]

    def __str__(self) -> str:
        if self._string is None:
            self._string = "".join([block.string for block in self.blocks])
        return self._string

    def __repr__(self) -> str:
        """Only the length: a repr may be logged, and source text must not be."""
        return f"<Text of {len(self)} code points>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        if self is other or len(self) != len(other):
            return self is other
        _, one, another = _differing_blocks(self, other)
        return one == another

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def line_count(self) -> int:
        """Number of lines, at least 1."""
        return self._line_ends[-1] + 1

    def slice(self, start: int, end: int) -> str:
        """The string from `start` to before `end`; offsets outside of the text are clamped."""
        start, end = self._clamp(start, end)
        if start == end:
            return ""
        first, last = self._block_at(start), self._block_at(end)
        head, tail = start - self.offsets[first], end - self.offsets[last]
        if first == last:
            return self.blocks[first].string[head:tail]
        between = [block.string for block in self.blocks[first + 1 : last]]
        return "".join(
            [self.blocks[first].string[head:], *between, self.blocks[last].string[:tail]]
        )

    def replace(self, start: int, end: int, new: str) -> Text:
        """The text with `new` in place of `start` to `end`, which are clamped."""
        start, end = self._clamp(start, end)
        if start == end and not new:
            return self
        if not self.blocks:
            return Text.of(new, block_size=self._block_size)
        first, last = self._block_at(start), self._block_at(end)
        head = self.blocks[first].string[: start - self.offsets[first]]
        tail = self.blocks[last].string[end - self.offsets[last] :]
        string = f"{head}{new}{tail}"
        # Only the seam before `string` can come to lie inside a line end: behind it stands what
        # stood there before, since `tail` is empty at the end of the text alone.
        if first and string.startswith("\n") and self.blocks[first - 1].string.endswith("\r"):
            first -= 1
            string = self.blocks[first].string + string
        fresh = _blocks(string, self._block_size)
        blocks = (*self.blocks[:first], *fresh, *self.blocks[last + 1 :])
        return Text(blocks, self._block_size)

    def line_start(self, line: int) -> int:
        """Offset of the line's first code point. Raises IndexError if there is no such line."""
        self._check_line(line)
        return self._after_line_end(line - 1) if line else 0

    def line_end(self, line: int) -> int:
        """Offset before the line's end. Raises IndexError if there is no such line."""
        self._check_line(line)
        if line == self._line_ends[-1]:
            return len(self)
        after = self._after_line_end(line)
        return after - (2 if self.slice(after - 2, after) == "\r\n" else 1)

    def line(self, line: int) -> str:
        """The line without its line end. Raises IndexError if there is no such line."""
        return self.slice(self.line_start(line), self.line_end(line))

    def line_of(self, offset: int) -> int:
        """The line that contains `offset` (clamped); a line end belongs to the line it ends."""
        offset, _ = self._clamp(offset, offset)
        if not self.blocks:
            return 0
        index = self._block_at(offset)
        within = bisect_right(self.blocks[index].line_ends, offset - self.offsets[index])
        return self._line_ends[index] + within

    def _clamp(self, start: int, end: int) -> tuple[int, int]:
        start = min(max(start, 0), len(self))
        return start, min(max(end, start), len(self))

    def _check_line(self, line: int) -> None:
        if not 0 <= line < self.line_count:
            raise IndexError(f"line {line} of a text of {self.line_count} lines")

    def _block_at(self, offset: int) -> int:
        """Index of the block that contains `offset`; the last one for the end of the text."""
        return bisect_right(self.offsets, offset, hi=len(self.blocks)) - 1

    def _after_line_end(self, number: int) -> int:
        """Offset after the line end with this number, counted from 0."""
        index = bisect_right(self._line_ends, number) - 1
        return self.offsets[index] + self.blocks[index].line_ends[number - self._line_ends[index]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document at one version.

    `version` is the client's number, None for text that no editor holds; `language` is the LSP
    language id from the client.
    """

    uri: str
    version: int | None
    language: str
    text: Text


def normalize_newlines(text: str) -> str:
    """`text` with "\\n" in place of "\\r\\n" and "\\r", as models see it."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def minimal_edit(old: Text, new: Text) -> Edit:
    """The smallest edit between a common start and end that turns `old` into `new`.

    Blocks that the texts share are not compared.
    """
    at, before, after = _differing_blocks(old, new)
    edit = edit_between(before, after)
    return Edit(Span(at + edit.span.start, at + edit.span.end), edit.text)


def edit_between(old: str, new: str) -> Edit:
    """The same for strings."""
    start = _common_start(old, new)
    end = _common_end(old, new, min(len(old), len(new)) - start)
    return Edit(Span(start, len(old) - end), new[start : len(new) - end])


def map_offset(offset: int, edit: Edit) -> int:
    """`offset` after `edit`; an offset in the edit's span maps to the end of the new text."""
    if offset <= edit.span.start:
        return offset
    shift = len(edit.text) - (edit.span.end - edit.span.start)
    return max(offset, edit.span.end) + shift


def _differing_blocks(one: Text, other: Text) -> tuple[int, str, str]:
    """The text of each without the blocks that they share at both ends, and its start.

    Short if one was edited from the other; joining all of a long text would be felt at every
    keystroke.
    """
    most = min(len(one.blocks), len(other.blocks))
    first = _same(one.blocks, other.blocks, most)
    last = _same(one.blocks[::-1], other.blocks[::-1], most - first)
    parts = (text.blocks[first : len(text.blocks) - last] for text in (one, other))
    left, right = ("".join([block.string for block in part]) for part in parts)
    return one.offsets[first], left, right


def _same(blocks: Sequence[_Block], others: Sequence[_Block], most: int) -> int:
    """The number of identical objects among the first `most` blocks."""
    for index in range(most):
        if blocks[index] is not others[index]:
            return index
    return most


def _common_start(one: str, other: str) -> int:
    """By bisection: comparing slices is many times faster than comparing characters."""
    same, most = 0, min(len(one), len(other))
    while same < most:
        middle = (same + most + 1) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            most = middle - 1
    return same


def _common_end(one: str, other: str, most: int) -> int:
    same = 0
    while same < most:
        middle = (same + most + 1) // 2
        ends = (slice(len(each) - middle, len(each) - same) for each in (one, other))
        if one[next(ends)] == other[next(ends)]:
            same = middle
        else:
            most = middle - 1
    return same


class _Block:
    """A piece of a text. Its line ends are counted at once, and found when they are asked for: to
    find those of 10 MB takes 200 ms."""

    __slots__ = ("_line_ends", "line_end_count", "string")

    def __init__(self, string: str) -> None:
        self.string = string
        self.line_end_count = string.count("\n")
        if "\r" in string:
            self.line_end_count += string.count("\r") - string.count("\r\n")
        self._line_ends: array[int] | None = None

    @property
    def line_ends(self) -> array[int]:
        """The offsets after each line end."""
        if self._line_ends is None:
            # The folded string has the same length and exactly one "\n" per line end, as its last
            # code point. Splitting it is several times as fast as an expression.
            folded = self.string.replace("\r\n", " \n").replace("\r", "\n")
            lengths = [len(line) + 1 for line in folded.split("\n")]
            self._line_ends = array("I", accumulate(lengths[:-1]))
        return self._line_ends


def _blocks(string: str, size: int) -> Iterator[_Block]:
    """Split `string` into blocks; up to twice the size, it stays whole."""
    start = 0
    while len(string) - start > 2 * size:
        cut = start + size
        if string[cut - 1] == "\r" and string[cut] == "\n":
            cut += 1
        yield _Block(string[start:cut])
        start = cut
    if start < len(string):
        yield _Block(string[start:])


def _running_totals(numbers: Iterable[int]) -> list[int]:
    """The sum before each of the numbers, and the total."""
    return list(accumulate(numbers, initial=0))
