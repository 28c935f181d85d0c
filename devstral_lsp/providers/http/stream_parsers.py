"""Splits streamed bytes into the data of events: server-sent events, and JSON lines (Ollama).

Server-sent events follow the WHATWG standard: lines end at CR, LF or CRLF and nowhere else. U+2028
and its kin occur unescaped in JSON, where `str.splitlines` and httpx's `iter_lines` would cut an
event. Event names are ignored: no endpoint says anything by them that its data does not. JSON lines
end at LF, with or without a CR before it.
"""

from __future__ import annotations

import json
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
        """The data so far, if it is not blank. `id` and `retry` only serve to reconnect."""
        data = "\n".join(self._data)
        self._data.clear()
        return data if data.strip() else None


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


class StreamParser:
    """Takes the bytes of an answer: server-sent events, JSON lines, or one JSON document.

    Which they are is seen by how they begin: JSON whose first line is none by itself is a document.
    """

    def __init__(self) -> None:
        self._begun = bytearray()
        self._is_document = False
        self._parser: SseParser | NdjsonParser | None = None

    def feed(self, data: bytes) -> list[str]:
        """The events that `data` completes. Raises EventTooLong."""
        if self._parser is None:
            self._begun += data
            self._parser = self._choose(_without_bom(self._begun).lstrip())
            if self._parser is None:
                return []
            data = _without_bom(self._begun)
            self._begun.clear()
        return self._parser.feed(data)

    def finish(self) -> list[str]:
        """What the end of the answer completes."""
        return (
            self._parser.finish()
            if self._parser is not None
            else _texts([_without_bom(self._begun)])
        )

    def _choose(self, start: bytes) -> SseParser | NdjsonParser | None:
        """The parser for what begins like `start`; None as long as more is needed to know."""
        if start and start[:1] not in (b"{", b"["):
            return SseParser()
        if len(start) > MAX_EVENT_BYTES:
            raise EventTooLong
        line, end, _ = start.partition(b"\n")
        if not end or self._is_document:
            return None
        self._is_document = not _is_json(line)
        return None if self._is_document else NdjsonParser()


def _without_bom(data: bytearray) -> bytes:
    return bytes(data).removeprefix(_BOM)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _texts(lines: list[bytes]) -> list[str]:
    texts = (line.decode("utf-8", "replace").strip() for line in lines)
    return [text for text in texts if text]
