"""Reads source files and writes them back without changing bytes that no edit touches."""

from __future__ import annotations

import codecs
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from devstral_lsp.bounded_read import entries_of, read_bytes
from devstral_lsp.completion.availability import MAX_DOCUMENT_LENGTH
from devstral_lsp.errors import DevstralError, StaleDocument
from devstral_lsp.text import Text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks and their encodings."""
MAX_BYTES = 4 * MAX_DOCUMENT_LENGTH + 4
"""UTF-8 takes at most four bytes for a code point, and there may be a byte order mark."""
_USUAL_MODE = 0o666
"""Permissions of a new file, without the umask."""


class InvalidInput(DevstralError):
    """An invalid file, place or option. The message says what is expected."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read. `data` is its content; None for one to create."""

    path: Path
    text: Text
    data: bytes | None = None
    mark: bytes = b""
    encoding: str = "utf-8"

    @classmethod
    def read(cls, path: Path, name: str = "") -> SourceFile:
        """Read a text file in UTF-8, or in UTF-16 with a byte order mark. Raises InvalidInput.

        `name` is the path as the user wrote it; empty for `path` itself.
        """
        name = name or str(path)
        if path.is_dir():
            raise InvalidInput(f"{name} is a folder: name a file in it.")
        if not path.exists():
            if path.is_symlink():
                raise InvalidInput(f"{name} is a link that leads to no file.")
            raise InvalidInput(f"there is no file {name}.{_similar_name(name)}")
        if not path.is_file():
            raise InvalidInput(f"{name} is not a regular file.")
        try:
            if path.stat().st_size > MAX_BYTES:
                raise _too_large(name)
            data = read_bytes(path, max_bytes=MAX_BYTES)
        except OSError as error:
            raise InvalidInput(f"{name} cannot be read ({error.strerror or 'unknown'}).") from None
        return cls.decode(path, data, name)

    @classmethod
    def decode(cls, path: Path, data: bytes, name: str) -> SourceFile:
        """The text in `data`, which messages call `name`. Raises InvalidInput."""
        if len(data) > MAX_BYTES:
            raise _too_large(name)
        marks = (each for each in _MARKS if data.startswith(each[0]))
        mark, encoding = next(marks, (b"", "utf-8"))
        body = data[len(mark) :]
        try:
            string = body.decode(encoding)
        except UnicodeDecodeError as error:
            line = body.count(b"\n", 0, error.start) + 1
            other = InvalidInput(f"{name} is not UTF-8 (line {line}): convert it first.")
            raise (_binary(name) if not mark and b"\0" in data else other) from None
        if "\0" in string:
            raise _binary(name)
        if len(string) > MAX_DOCUMENT_LENGTH:
            raise _too_large(name)
        return cls(path, Text.of(string), data, mark, encoding)

    def write(self, text: Text) -> SourceFile:
        """Write `text` atomically, in the file's encoding and with its permissions.

        Returns the new file. Raises StaleDocument if the file has changed since it was read,
        InvalidInput if it cannot be written.
        """
        path, data = Path(os.path.realpath(self.path)), self.check(text)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, data)
        except OSError as error:
            raise self._unwritable(error) from None
        return replace(self, text=text, data=data)

    def check(self, text: Text) -> bytes:
        """The bytes that `write` would write. Raises the same errors."""
        path = Path(os.path.realpath(self.path))
        try:
            data = self.mark + str(text).encode(self.encoding)
            if _content(path) != self.data:
                raise StaleDocument(
                    f"{self.path} was changed by another program meanwhile, and is not written."
                )
        except UnicodeEncodeError:
            raise InvalidInput(f"{self.path} cannot hold this text in {self.encoding}.") from None
        except OSError as error:
            raise self._unwritable(error) from None
        return data

    def _unwritable(self, error: OSError) -> InvalidInput:
        return InvalidInput(f"{self.path} cannot be written ({error.strerror or 'unknown'}).")


def _binary(name: str) -> InvalidInput:
    return InvalidInput(f"{name} is binary: name a file of text.")


def _too_large(name: str) -> InvalidInput:
    return InvalidInput(f"{name} is too large: the limit is {MAX_DOCUMENT_LENGTH:,} characters.")


def _similar_name(file: str) -> str:
    """A hint that names a similar file in the same folder; "" if there is none."""
    from difflib import get_close_matches

    folder, name = os.path.split(file)
    try:
        names = [entry.name for entry in entries_of(folder or ".")]
    except OSError:
        return ""
    close = get_close_matches(name, names, n=1, cutoff=0.7)
    return f" Did you mean {os.path.join(folder, close[0])}?" if close else ""


def _replace(path: Path, data: bytes) -> None:
    """Write a temporary file in the same folder and rename it, so that readers see all or nothing.

    A file with other hard links is overwritten, or these would keep the old text.
    """
    if path.exists() and path.stat().st_nlink > 1:
        path.write_bytes(data)
        return
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
    """The current content of a file; None if it does not exist. Raises OSError."""
    try:
        return read_bytes(path, max_bytes=MAX_BYTES)
    except FileNotFoundError:
        return None
