"""The framing of LSP's base protocol: header lines, an empty line, and a body.

Lines that are no header are ignored, so that a stray line does not end the session. Two things do:
an HTTP request line, with which a web page tries to reach the port, and too many bytes without a
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_MESSAGE_BYTES = 64 << 20
"""Documents beyond 5 million code points get no completions, and JSON may take six bytes for one
code point; twice that leaves room for the other text of a message."""
MAX_HEADER_BYTES = 64 << 10
"""Bytes between two bodies: a header takes about 30, stray output of other programs the rest."""

_CONTENT_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,12})[ \t]*", re.IGNORECASE)
_HTTP_REQUEST = re.compile(rb".* HTTP/\d(\.\d)?")


class HttpRequestReceived(Exception):
    """The peer is no LSP client: close the connection. The text quotes nothing of what it sent."""


def frame(body: bytes) -> bytes:
    """A message with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class MessageFramer:
    """Collects bytes and yields the bodies of messages.

    A body beyond MAX_MESSAGE_BYTES is discarded as it arrives, so that it takes no memory and the
    next message is found; `discarded` counts them.
    """

    def __init__(self) -> None:
        self.discarded = 0
        self._buffer = bytearray()
        self._length: int | None = None
        self._in_body = False
        self._unwanted = 0
        """Bytes still to discard of a body that is too large."""
        self._header_bytes = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Add bytes and yield each complete body. Raises HttpRequestReceived."""
        self._buffer += data
        while True:
            self._discard()
            if not self._in_body and not self._read_headers():
                return
            length = self._length or 0
            if length > MAX_MESSAGE_BYTES:
                self.discarded += 1
                self._unwanted = length
                self._start_over()
                continue
            if len(self._buffer) < length:
                return
            body = bytes(self._buffer[:length])
            del self._buffer[:length]
            self._start_over()
            yield body

    def _start_over(self) -> None:
        self._length, self._in_body, self._header_bytes = None, False, 0

    def _discard(self) -> None:
        count = min(self._unwanted, len(self._buffer))
        del self._buffer[:count]
        self._unwanted -= count

    def _read_headers(self) -> bool:
        """Read header lines; True if the body follows, False if more bytes are needed."""
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            self._count(end + 1)
            if not line and self._length is not None:
                self._in_body = True
                return True
            self._read_header(line)
        self._count(0, waiting=len(self._buffer))
        return False

    def _count(self, read: int, waiting: int = 0) -> None:
        self._header_bytes += read
        if self._header_bytes + waiting > MAX_HEADER_BYTES:
            raise HttpRequestReceived(
                f"{MAX_HEADER_BYTES >> 10} kB came without the header of a message, which begins "
                "with Content-Length: what is connected is no LSP client."
            )

    def _read_header(self, line: bytes) -> None:
        if match := _CONTENT_LENGTH.fullmatch(line):
            self._length = int(match.group(1))  # after a stray line, the last one is the message's
        elif _HTTP_REQUEST.fullmatch(line):
            raise HttpRequestReceived("An HTTP request came where an LSP client should speak.")
