"""The base protocol's framing: header lines, a blank line, then a body of so many bytes.

Bytes go in as they arrive, whole bodies come out; nothing here reads a stream or knows what a body
says. Lines that are no header of the base protocol are passed over, so that one stray line on the
way in does not end the session, with one exception: an HTTP request line means that a web page is
trying to talk to our port.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONTENT_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,12})[ \t]*", re.IGNORECASE)
_HTTP_REQUEST = re.compile(rb".* HTTP/\d(\.\d)?")


class NotLsp(Exception):
    """The other side speaks HTTP: hang up."""


class Frames:
    """Collects bytes and gives the bodies of the messages in them."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None
        self._in_body = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what has arrived and yield each body that is complete. Raises NotLsp."""
        self._buffer += data
        while True:
            if not self._in_body and not self._read_headers():
                return
            length = self._length or 0
            if len(self._buffer) < length:
                return
            body = bytes(self._buffer[:length])
            del self._buffer[:length]
            self._length, self._in_body = None, False
            yield body

    def _read_headers(self) -> bool:
        """Read header lines; true when a body comes next, false when more bytes are needed."""
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            if not line and self._length is not None:
                self._in_body = True
                return True
            self._read_header(line)
        return False

    def _read_header(self, line: bytes) -> None:
        if match := _CONTENT_LENGTH.fullmatch(line):
            self._length = int(match.group(1))
        elif _HTTP_REQUEST.fullmatch(line):
            raise NotLsp("an HTTP request line")
