"""Parses places on the command line: a cursor in a file, or lines of a file.

The message about an invalid place says what is expected.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.cli.source_file import MAX_BYTES, InvalidInput, SourceFile
from devstral_lsp.languages import edited_language_id
from devstral_lsp.text import Snapshot, Span, Text

CURSOR_FORM = "FILE:LINE or FILE:LINE:COL, both counted from 1"
RANGE_FORM = "FILE, FILE:LINE or FILE:START-END"

_CURSOR = re.compile(r"(?P<file>.+?):(?P<line>[0-9]{1,9})(?::(?P<column>[0-9]{1,9}))?", re.DOTALL)
_LINES = re.compile(r"(?P<file>.+):(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?", re.DOTALL)
_ROOT_MARKS = (
    ".git",
    ".hg",
    ".jj",
    ".devstral.toml",
    "pyproject.toml",
    "setup.py",
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "composer.json",
    "Gemfile",
)
"""Files and folders that mark the root of a project."""


@dataclass(frozen=True, slots=True)
class CursorArgument:
    """A parsed place; line and column count from 1, None means the line's end."""

    file: str
    line: int
    column: int | None = None

    @classmethod
    def of(cls, written: str) -> CursorArgument:
        """Read FILE:LINE[:COL]. Raises InvalidInput."""
        match = _CURSOR.fullmatch(written)
        if match is None:
            file = _file_in(written) or "main.py"
            if Path(file).is_dir():
                raise InvalidInput(
                    f'"{written}" names a folder: name a file in it, as {CURSOR_FORM}.'
                )
            raise InvalidInput(
                f'"{written}" names no place: write {CURSOR_FORM}, such as {file}:1.'
            )
        line, column = int(match["line"]), match["column"]
        if line < 1 or (column is not None and int(column) < 1):
            raise InvalidInput(f'"{written}" names no place: lines and columns count from 1.')
        return cls(match["file"], line, int(column) if column is not None else None)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A snapshot and an offset in it (code points)."""

    snapshot: Snapshot
    offset: int

    @property
    def line(self) -> int:
        """Counted from 1."""
        return self.snapshot.text.line_of(self.offset) + 1

    @property
    def column(self) -> int:
        """Counted from 1, in code points."""
        return self.offset - self.snapshot.text.line_start(self.line - 1) + 1


@dataclass(frozen=True, slots=True)
class RangeArgument:
    """A parsed range of lines, which count from 1; without lines, the whole file."""

    raw: str
    path: Path
    first: int = 0
    last: int | None = None

    @classmethod
    def of(cls, written: str) -> RangeArgument:
        """Read FILE[:START[-END]]. Raises InvalidInput."""
        match = None if os.path.exists(written) else _LINES.fullmatch(written)
        if match is None:
            return cls(written, _path(written))
        first, last = int(match["first"]), match["last"]
        if first < 1 or (last is not None and int(last) < first):
            raise InvalidInput(f'"{written}" names no lines: write {RANGE_FORM}, counted from 1.')
        return cls(written, _path(match["file"]), first, int(last) if last is not None else None)

    def span(self, text: Text) -> Span:
        """The lines in `text`; a single line is a cursor in it. Raises InvalidInput."""
        if self.first == 0:
            return Span(0, len(text))
        if max(self.first, self.last or 0) > text.line_count:
            raise InvalidInput(f"{self.raw} is past the end: the last line is {text.line_count}.")
        start = text.line_start(self.first - 1)
        if self.last is None:
            code = text.line(self.first - 1)
            at = start + len(code) - len(code.lstrip())
            return Span(at, at)
        return Span(start, text.line_end(self.last - 1))


def cursor_at(target: CursorArgument, *, from_stdin: bool) -> Cursor:
    """The cursor in the file, or in its text on standard input. Raises InvalidInput."""
    path = Path(os.path.realpath(target.file))
    if from_stdin:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        text = SourceFile.decode(path, data, f"the text for {target.file}").text
    elif target.file == "-":
        raise InvalidInput(
            'for text on standard input, use --stdin and give the name of its file instead of "-": '
            "it determines the language and the project."
        )
    elif path.exists() and not path.is_file() and not path.is_dir():
        raise InvalidInput(f"{target.file} is not a regular file: pipe its text in with --stdin.")
    else:
        text = SourceFile.read(path, target.file).text
    snapshot = Snapshot(path.as_uri(), None, edited_language_id(path.as_posix()), text)
    return Cursor(snapshot, _offset(text, target))


def project_root(path: Path) -> Path:
    """The nearest folder above `path` that looks like the root of a project, else its own."""
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.parents):
        if any(os.path.lexists(folder / mark) for mark in _ROOT_MARKS):
            return folder
    return start


def _file_in(written: str) -> str:
    """A path up to the first colon in its last part."""
    name = max(written.rfind("/"), written.rfind("\\")) + 1
    colon = written.find(":", name)
    return written if colon < 0 else written[:colon]


def _offset(text: Text, target: CursorArgument) -> int:
    if target.line > text.line_count:
        raise InvalidInput(
            f"line {target.line} is past the end of {target.file}: "
            f"its last line is {text.line_count}."
        )
    start, end = text.line_start(target.line - 1), text.line_end(target.line - 1)
    if target.column is None:
        return end
    if target.column > end - start + 1:
        raise InvalidInput(
            f"column {target.column} is past the end of line {target.line} of {target.file}: "
            f"its last column, right after its text, is {end - start + 1}."
        )
    return start + target.column - 1


def _path(file: str) -> Path:
    """The absolute path. Links are not followed, so that messages name the file as the user did."""
    return Path(os.path.abspath(file))
