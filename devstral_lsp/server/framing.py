"""The base protocol's framing: header lines, a blank line, then a body of so many bytes.

Bytes go in as they arrive, whole bodies come out; nothing here reads a stream or knows what a body
says. Lines that are no header of the base protocol are passed over, so that one stray line on the
way in does not end the session, with two exceptions: an HTTP request line means that a web page is
trying to talk to our port, and what goes on without a message for too long is no client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LARGEST_MESSAGE = 64 << 20
"""Bytes of one message. Documents beyond 5 million code points get no completions, and JSON may
take six bytes for one of them; twice that leaves room for a client's other text."""
LONGEST_HEADER = 64 << 10
"""Bytes between two messages: the header takes some 30, the rest is what other programs print."""

_CONTENT_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,12})[ \t]*", re.IGNORECASE)
_HTTP_REQUEST = re.compile(rb".* HTTP/\d(\.\d)?")


class HttpRequestReceived(Exception):
    """The other side does not speak the base protocol: hang up. Its text says why, and holds
    nothing of what was sent."""


def frame(body: bytes) -> bytes:
    """A message with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class MessageFramer:
    """Collects bytes and gives the bodies of the messages in them.

    A body beyond LARGEST_MESSAGE is passed over as it comes, so that it takes no memory and the
    messages after it are found; `passed_over` counts them.
    """

    def __init__(self) -> None:
        self.passed_over = 0
        self._buffer = bytearray()
        self._length: int | None = None
        self._in_body = False
        self._unwanted = 0
        """Bytes still to come of a body that is too large."""
        self._header_bytes = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what has arrived and yield each body that is complete. Raises NotLsp."""
        self._buffer += data
        while True:
            self._pass_over()
            if not self._in_body and not self._read_headers():
                return
            length = self._length or 0
            if length > LARGEST_MESSAGE:
                self.passed_over += 1
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

    def _pass_over(self) -> None:
        there = min(self._unwanted, len(self._buffer))
        del self._buffer[:there]
        self._unwanted -= there

    def _read_headers(self) -> bool:
        """Read header lines; true when a body comes next, false when more bytes are needed."""
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
        if self._header_bytes + waiting > LONGEST_HEADER:
            raise HttpRequestReceived(
                f"{LONGEST_HEADER >> 10} kB came without the header of a message, which begins "
                "with Content-Length: what is connected is no LSP client."
            )

    def _read_header(self, line: bytes) -> None:
        if match := _CONTENT_LENGTH.fullmatch(line):
            self._length = int(match.group(1))  # after a stray line, the last one is the message's
        elif _HTTP_REQUEST.fullmatch(line):
            raise HttpRequestReceived("An HTTP request came where an LSP client should speak.")
