"""A document as one string and its lines, created once for all rules.

A rope is fast to edit, but slow to read line by line.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from devstral_lsp.text import Text, normalize_newlines


class DocumentLines:
    r"""The lines of a text, numbered as in it, and its string with "\n" for every line end.

    Offsets are code points of that string.
    """

    def __init__(self, text: Text) -> None:
        self.string = normalize_newlines(str(text))
        self.lines = self.string.split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in self.lines), initial=0))

    @property
    def line_count(self) -> int:
        return len(self.lines)

    def line(self, number: int) -> str:
        """A line without its line end, "" beyond the document."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def line_of(self, offset: int) -> int:
        """The line that contains `offset`."""
        return bisect_right(self._starts, offset, hi=len(self.lines)) - 1

    def line_end(self, number: int) -> int:
        """The offset of the end of a line."""
        return self._starts[number] + len(self.lines[number])
