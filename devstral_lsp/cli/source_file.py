"""Source files as a command reads them and writes them back, byte for byte where nothing changed.

Knows encodings, byte order marks and permissions; it knows no settings and no engine.
"""

from __future__ import annotations

import codecs
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from devstral_lsp.bounded_read import read_bytes
from devstral_lsp.completion.availability import LARGEST_DOCUMENT
from devstral_lsp.errors import DevstralError, StaleDocument
from devstral_lsp.text import Text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks, and the encoding that each stands for."""
_MOST_BYTES = 4 * LARGEST_DOCUMENT + 4
"""A character takes four bytes at the most, and a byte order mark stands before them."""
_USUAL_MODE = 0o666
"""Permissions of a new file, before the user's umask takes some away."""


def detect_bom(data: bytes) -> tuple[bytes, str]:
    """The byte order mark that `data` starts with, if any, and the encoding to read the rest in."""
    found = ((mark, name) for mark, name in _MARKS if data.startswith(mark))
    return next(found, (b"", "utf-8"))


class UnreadableFile(DevstralError):
    """A file that cannot be read or written as text. The sentence says what would help."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read. `data` is what stood in it, None for one that is to be made."""

    path: Path
    text: Text
    data: bytes | None = None
    mark: bytes = b""
    encoding: str = "utf-8"

    @classmethod
    def read(cls, path: Path) -> SourceFile:
        """Read a text file in UTF-8, or in UTF-16 with a byte order mark. Raises UnreadableFile."""
        if not path.exists():
            raise UnreadableFile(f"there is no file {path}.")
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder: name files in it.")
        if not path.is_file():
            raise UnreadableFile(f"{path} is not a regular file.")
        try:
            data = read_bytes(path, max_bytes=_MOST_BYTES)
        except OSError as error:
            raise UnreadableFile(
                f"{path} cannot be read ({error.strerror or 'unknown'})."
            ) from None
        return cls._decoded(path, data)

    @classmethod
    def _decoded(cls, path: Path, data: bytes) -> SourceFile:
        mark, encoding = detect_bom(data)
        binary = UnreadableFile(f"{path} is binary: only text can be refactored.")
        try:
            string = data[len(mark) :].decode(encoding)
        except UnicodeDecodeError:
            other = UnreadableFile(f"{path} is not UTF-8: convert it first.")
            raise (binary if not mark and b"\0" in data else other) from None
        if "\0" in string:
            raise binary
        if len(string) > LARGEST_DOCUMENT:
            raise UnreadableFile(
                f"{path} is too large: it has over {LARGEST_DOCUMENT:,} characters."
            )
        return cls(path, Text.of(string), data, mark, encoding)

    def write(self, text: Text) -> SourceFile:
        """Put `text` in the file, wholly or not at all, in its encoding and with its permissions.

        Gives the file as it is then. Raises StaleDocument if somebody else wrote to it since,
        UnreadableFile if it cannot be written.
        """
        path, data = self.path.resolve(), self.check(text)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, data)
        except OSError as error:
            raise self._unwritable(error) from None
        return replace(self, text=text, data=data)

    def check(self, text: Text) -> bytes:
        """The bytes that would be written. Raises StaleDocument, UnreadableFile as `write` does."""
        path = self.path.resolve()
        try:
            data = self.mark + str(text).encode(self.encoding)
            if _content(path) != self.data:
                raise StaleDocument(
                    f"{self.path} was changed by somebody else meanwhile, and was left alone."
                )
        except UnicodeEncodeError:
            raise UnreadableFile(f"{self.path} cannot hold this text in {self.encoding}.") from None
        except OSError as error:
            raise self._unwritable(error) from None
        return data

    def _unwritable(self, error: OSError) -> UnreadableFile:
        return UnreadableFile(f"{self.path} cannot be written ({error.strerror or 'unknown'}).")


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and move it into its place, so that nobody ever reads half of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _mode(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return _USUAL_MODE & ~mask


def _content(path: Path) -> bytes | None:
    """What is in a file now; None if there is none. Raises OSError."""
    try:
        return read_bytes(path, max_bytes=_MOST_BYTES)
    except FileNotFoundError:
        return None
