"""Splits streamed bytes into the data of events: server-sent events, and JSON lines (Ollama).

Server-sent events follow the WHATWG standard: lines end at CR, LF or CRLF and nowhere else. U+2028
and its kin occur unescaped in JSON, where `str.splitlines` and httpx's `iter_lines` would cut an
event. Event names are ignored: no endpoint says anything by them that its data does not. JSON lines
end at LF, with or without a CR before it.
"""

from __future__ import annotations

import re

MAX_EVENT_BYTES = 4 * 1024 * 1024
"""More than any completion or tool call needs; beyond it the peer does not speak this protocol."""

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n?|\n")


class EventTooLong(ValueError):
    """An event passed MAX_EVENT_BYTES without an end."""


class SseParser:
    """Takes bytes cut anywhere and returns the data of each complete event, lines joined by LF.

    Text is decoded line by line, so a character split over two reads comes out whole; bytes
    that are not UTF-8 become U+FFFD.
    """

    def __init__(self) -> None:
        self._partial = bytearray()
        self._data: list[str] = []
        self._size = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes) -> list[str]:
        """The events that `data` completes. Raises EventTooLong."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if not data:
            return []
        *complete, rest = _LINE_END.split(data)
        self._after_cr = data.endswith(b"\r")
        if complete:
            complete[0] = bytes(self._partial) + complete[0]
            self._partial.clear()
        found = [event for line in complete if (event := self._take(line)) is not None]
        self._partial += rest
        self._size = (0 if found else self._size) + len(data)
        if self._size > MAX_EVENT_BYTES:
            raise EventTooLong
        return found

    def finish(self) -> list[str]:
        """What the end of the stream completes: a last event without its blank line."""
        line = bytes(self._partial)
        self._partial.clear()
        events = (self._take(line), self._take(b""))
        return [event for event in events if event is not None]

    def _take(self, line: bytes) -> str | None:
        """Read one whole line; an empty one ends an event."""
        if self._at_start:
            line = line.removeprefix(_BOM)
            self._at_start = False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            self._data.append(text)
        elif name == b"error":
            # Builds of llama.cpp before 2026 write an error as a field of that name.
            self._data.append(f'{{"error":{text}}}')
        return None

    def _dispatch(self) -> str | None:
        """The data so far, if there is any. `id` and `retry` only serve to reconnect."""
        data = "\n".join(self._data) if self._data else None
        self._data.clear()
        return data


class NdjsonParser:
    """Takes bytes cut anywhere and returns the text of each complete line that is not blank."""

    def __init__(self) -> None:
        self._partial = bytearray()

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes. Raises EventTooLong."""
        *complete, rest = data.split(b"\n")
        if complete:
            complete[0] = bytes(self._partial) + complete[0]
            self._partial.clear()
        self._partial += rest
        if len(self._partial) > MAX_EVENT_BYTES:
            raise EventTooLong
        return _texts(complete)

    def finish(self) -> list[str]:
        """A last line without its end."""
        line = bytes(self._partial)
        self._partial.clear()
        return _texts([line])


def _texts(lines: list[bytes]) -> list[str]:
    texts = (line.decode("utf-8", "replace").strip() for line in lines)
    return [text for text in texts if text]
