"""From what was typed on the command line to a snapshot and an offset in it.

Says what is wrong, and what would be right, of a place that cannot be used. It knows files and
standard input; it knows no settings and no engine.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.bounded_read import entries_of
from devstral_lsp.cli.source_file import detect_bom
from devstral_lsp.completion.availability import LARGEST_DOCUMENT
from devstral_lsp.errors import DevstralError
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.text import Snapshot, Text

FORM = "FILE:LINE or FILE:LINE:COL, both counted from 1"

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>[0-9]{1,9})(?::(?P<column>[0-9]{1,9}))?", re.DOTALL)
_MOST_BYTES = 4 * LARGEST_DOCUMENT
"""UTF-8 needs at most four bytes for a code point."""
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
"""What stands at the top of a project."""


class InvalidPosition(DevstralError):
    """A file or a position that cannot be used. The sentence says what would be right."""


@dataclass(frozen=True, slots=True)
class CursorArgument:
    """A place as the user wrote it; line and column count from 1, None means the line's end."""

    file: str
    line: int
    column: int | None = None

    @classmethod
    def of(cls, written: str) -> CursorArgument:
        """Read FILE:LINE[:COL]. Raises InvalidPosition."""
        match = _PLACE.fullmatch(written)
        if match is None:
            file = _file_in(written) or "main.py"
            raise InvalidPosition(f'"{written}" names no place: write {FORM}, such as {file}:1.')
        line, column = int(match["line"]), match["column"]
        if line < 1 or (column is not None and int(column) < 1):
            raise InvalidPosition(f'"{written}" names no place: lines and columns count from 1.')
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


def cursor_at(target: CursorArgument, *, from_stdin: bool) -> Cursor:
    """The cursor that `target` names, in the file or in what standard input holds of it.

    Raises InvalidPosition.
    """
    string = _stdin(target.file) if from_stdin else _file(target.file)
    path = Path(os.path.abspath(target.file)).resolve()
    text = Text.of(string)
    snapshot = Snapshot(path.as_uri(), None, language_id_of_path(path.as_posix()), text)
    return Cursor(snapshot, _offset(text, target))


def project_root(path: Path) -> Path:
    """The nearest folder above `path` that looks like the top of a project, else its own."""
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.parents):
        if any(os.path.lexists(folder / mark) for mark in _ROOT_MARKS):
            return folder
    return start


def _file_in(written: str) -> str:
    """What stands before the first colon of the last part of a path."""
    name = max(written.rfind("/"), written.rfind("\\")) + 1
    colon = written.find(":", name)
    return written if colon < 0 else written[:colon]


def _stdin(file: str) -> str:
    return _decoded(sys.stdin.buffer.read(_MOST_BYTES + 1), f"the text for {file}")


def _file(file: str) -> str:
    if file == "-":
        raise InvalidPosition(
            'for text on standard input, give --stdin and the name of its file in place of "-", '
            "which tells its language and its project."
        )
    if os.path.isdir(file):
        raise InvalidPosition(f"{file} is a folder: name a file in it.")
    if not os.path.exists(file):
        raise InvalidPosition(f"there is no file {file}.{_near(file)}")
    if not os.path.isfile(file):
        raise InvalidPosition(f"{file} is not a regular file: pipe its text in with --stdin.")
    try:
        with open(file, "rb") as stream:
            return _decoded(stream.read(_MOST_BYTES + 1), file)
    except OSError as error:
        raise InvalidPosition(f"{file} cannot be read ({error.strerror or 'unknown'}).") from None


def _near(file: str) -> str:
    from difflib import get_close_matches

    folder, name = os.path.split(file)
    try:
        names = [entry.name for entry in entries_of(folder or ".")]
    except OSError:
        return ""
    close = get_close_matches(name, names, n=1, cutoff=0.7)
    return f" Did you mean {os.path.join(folder, close[0])}?" if close else ""


def _decoded(data: bytes, name: str) -> str:
    mark, encoding = detect_bom(data)
    body = data[len(mark) : _MOST_BYTES]
    try:
        string = body.decode(encoding)
    except UnicodeDecodeError as error:
        if len(data) <= _MOST_BYTES and b"\0" not in data:
            line = body.count(b"\n", 0, error.start) + 1
            raise InvalidPosition(f"{name} is not UTF-8 (line {line}): convert it first.") from None
        string = "\0" if b"\0" in data else ""
    if "\0" in string:
        raise InvalidPosition(f"{name} is binary: only text can be completed.")
    if len(data) > _MOST_BYTES or len(string) > LARGEST_DOCUMENT:
        raise InvalidPosition(
            f"{name} is too large: nothing is completed beyond {LARGEST_DOCUMENT:,} characters."
        )
    return string


def _offset(text: Text, target: CursorArgument) -> int:
    if target.line > text.line_count:
        raise InvalidPosition(
            f"line {target.line} is past the end of {target.file}: "
            f"its last line is {text.line_count}."
        )
    start, end = text.line_start(target.line - 1), text.line_end(target.line - 1)
    if target.column is None:
        return end
    if target.column > end - start + 1:
        raise InvalidPosition(
            f"column {target.column} is past the end of line {target.line} of {target.file}: "
            f"its last column, right after its text, is {end - start + 1}."
        )
    return start + target.column - 1
