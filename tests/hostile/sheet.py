"""A document as its editor sees it: a plain string, and positions counted in it by hand.

What the server says is held against this. It knows nothing of the server's text store, and no more
of LSP than positions, ranges and changes as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
"""Bytes of one code unit, by the name of the encoding."""

_LINE_END = re.compile(r"\r\n|\r|\n")

Position = Mapping[str, int]


@dataclass(frozen=True)
class Sheet:
    """One version of a document. `encoding` is what characters of a line are counted in."""

    text: str
    encoding: str

    @cached_property
    def lines(self) -> list[tuple[int, int]]:
        """Where each line starts, and where it ends before its line end."""
        found: list[tuple[int, int]] = []
        start = 0
        for match in _LINE_END.finditer(self.text):
            found.append((start, match.start()))
            start = match.end()
        return [*found, (start, len(self.text))]

    def offset(self, position: Position) -> int:
        """The offset that a position names, brought into the text as the specification says."""
        if position["line"] >= len(self.lines):
            return len(self.text)
        offset, end = self.lines[position["line"]]
        units = 0
        while offset < end:
            units += self._units(self.text[offset])
            if units > position["character"]:
                break
            offset += 1
        return offset

    def position(self, offset: int) -> dict[str, int]:
        """The position of an offset that is not inside a line end."""
        low, high = 0, len(self.lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.lines[middle][0] <= offset else (low, middle - 1)
        return {"line": low, "character": self._units(self.text[self.lines[low][0] : offset])}

    def line_at(self, offset: int) -> tuple[int, int]:
        """The bounds of the line that holds an offset."""
        return self.lines[self.position(offset)["line"]]

    def span(self, range_: Mapping[str, Position]) -> tuple[int, int]:
        """The offsets of a range; one that runs backwards is turned round."""
        ends = sorted((self.offset(range_["start"]), self.offset(range_["end"])))
        return ends[0], ends[1]

    def changed(self, changes: Sequence[Mapping[str, Any]]) -> Sheet:
        """The sheet after changes, each counted in what the one before it left."""
        sheet = self
        for change in changes:
            start, end = 0, len(sheet.text)
            if "range" in change:
                start, end = sheet.span(change["range"])
            sheet = Sheet(sheet.text[:start] + change["text"] + sheet.text[end:], self.encoding)
        return sheet

    def _units(self, string: str) -> int:
        if string.isascii():
            return len(string)
        code = self.encoding if self.encoding == "utf-8" else f"{self.encoding}-le"
        return len(string.encode(code, "surrogatepass")) // WIDTHS[self.encoding]
