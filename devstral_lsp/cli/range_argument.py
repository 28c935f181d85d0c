"""From what was typed on the command line to a file and lines in it.

Says what is wrong, and what would be right, of a place that cannot be used.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.cli.cursor_argument import InvalidPosition
from devstral_lsp.text import Span, Text

FORM = "FILE, FILE:LINE or FILE:START-END"

_LINES = re.compile(r"(?P<file>.+):(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RangeArgument:
    """A place as the user wrote it. Lines count from 1; without any it is the whole file."""

    raw: str
    path: Path
    first: int = 0
    last: int | None = None

    @classmethod
    def of(cls, written: str) -> RangeArgument:
        """Read FILE[:START[-END]]. Raises InvalidPosition."""
        match = None if os.path.exists(written) else _LINES.fullmatch(written)
        if match is None:
            return cls(written, _path(written))
        first, last = int(match["first"]), match["last"]
        if first < 1 or (last is not None and int(last) < first):
            raise InvalidPosition(f'"{written}" names no lines: write {FORM}, counted from 1.')
        return cls(written, _path(match["file"]), first, int(last) if last is not None else None)

    def span(self, text: Text) -> Span:
        """The lines in `text`; one line alone is a cursor in it. Raises InvalidPosition."""
        if self.first == 0:
            return Span(0, len(text))
        if max(self.first, self.last or 0) > text.line_count:
            raise InvalidPosition(
                f"{self.raw} is past the end: the last line is {text.line_count}."
            )
        start = text.line_start(self.first - 1)
        if self.last is None:
            code = text.line(self.first - 1)
            at = start + len(code) - len(code.lstrip())
            return Span(at, at)
        return Span(start, text.line_end(self.last - 1))


def _path(file: str) -> Path:
    """Absolute, links not followed: what is written is what the user named."""
    return Path(os.path.abspath(file))
