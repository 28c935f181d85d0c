"""JSON values on lines of their own, which is how Ollama streams: from bytes to lines.

Lines end at LF, with or without a CR before it, and nowhere else. Pure: it reads no socket and
parses no JSON.
"""

from __future__ import annotations

from devstral_lsp.providers.http.sse import MAX_EVENT_BYTES, EventTooLong


class NdjsonParser:
    """Takes bytes cut anywhere, gives the text of each complete line; blank ones are none."""

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
        return [text for line in complete for text in _texts(line)]

    def finish(self) -> list[str]:
        """A last line without its end."""
        line = bytes(self._partial)
        self._partial.clear()
        return _texts(line)


def _texts(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace").strip()
    return [text] if text else []
