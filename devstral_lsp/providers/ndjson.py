"""JSON values on lines of their own, which is how Ollama streams: from bytes to lines.

Lines end at LF, with or without a CR before it, and nowhere else. Pure: it reads no socket and
parses no JSON.
"""

from __future__ import annotations

from devstral_lsp.providers.sse import MAX_EVENT_BYTES, Event, EventTooLong


class NdjsonParser:
    """Takes bytes cut anywhere, gives each complete line as an event; blank lines are none."""

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, data: bytes) -> list[Event]:
        """The lines that `data` completes. Raises EventTooLong."""
        *complete, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > MAX_EVENT_BYTES:
            raise EventTooLong
        return [event for line in complete for event in _event(line)]

    def finish(self) -> list[Event]:
        """A last line without its end."""
        line, self._partial = self._partial, b""
        return _event(line)


def _event(line: bytes) -> list[Event]:
    text = line.decode("utf-8", "replace").strip()
    return [Event(text)] if text else []
