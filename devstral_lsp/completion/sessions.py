"""Who is being answered in each document, and which stream is on its way for it.

At most one stream per document, and a small number in all; the newest request of a document takes
the place of the one before, which is answered first. A change of the text ends the answer, too.
Knows nothing of prompts or texts.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.inflight import InflightStream
from devstral_lsp.completion.types import CompletionRequest, CursorContext, Draft
from devstral_lsp.syntax.reparser import Reparser
from devstral_lsp.text import Text

_T = TypeVar("_T")

MAX_STREAMS = 4
"""Several windows may be typed in at once, but not many."""

ORPHAN_STREAM_TTL_S = 1.0
"""How long a stream goes on without anyone waiting, after its request was cancelled or, in an
editor that cancels nothing, after the last key. Editors cancel at each key and ask again within
their own debounce (VS Code: 50 ms); VS Code also gives up a request after 710 ms at a word's end,
and the answer is then worth having at the next key."""

READY_NOTIFICATION_TTL_S = 10.0
"""The same for an editor that requests again once a notification says that an answer is ready."""


class RequestTurn:
    """One request's right to answer, until the next request of the document takes it."""

    def __init__(self, clock: Clock, previous: RequestTurn | None) -> None:
        self._clock = clock
        self._previous = previous
        self.deadline_passed = False
        """The editor is about to give up: what is complete now is the answer."""
        self.superseded_by = ""
        """What ended it: "a newer request", "an edit" or "closing"; "" while nothing has."""
        self._superseded = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def is_superseded(self) -> bool:
        return self._superseded.is_set()

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be answered."""
        return not self.is_superseded and not self._ended.is_set()

    def supersede(self, by: str) -> None:
        self.superseded_by = self.superseded_by or by
        self._superseded.set()

    def end(self) -> None:
        self._ended.set()

    async def wait_for_previous(self) -> None:
        """Wait until the request before is answered: some editors show whatever comes last."""
        previous, self._previous = self._previous, None
        if previous is not None and not previous._ended.is_set():
            await previous._ended.wait()
            await asyncio.sleep(0)

    async def sleep_unless_superseded(self, wait_ms: float) -> bool:
        """Wait so many milliseconds; False as soon as a newer request has come."""
        if wait_ms <= 0 or self.is_superseded:
            return not self.is_superseded
        await self.run_unless_superseded(self._clock.sleep_s(wait_ms / 1000.0))
        return not self.is_superseded

    async def run_unless_superseded(self, work: Awaitable[_T]) -> _T | None:
        """What `work` comes to; None, and `work` is cancelled, as soon as a newer request came."""
        working = asyncio.ensure_future(work)
        waiting = asyncio.ensure_future(self._superseded.wait())
        try:
            await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            waiting.cancel()


class DocumentSession:
    """The requests and the stream of one document."""

    def __init__(self, clock: Clock) -> None:
        self.stream: InflightStream | None = None
        self.cache_key = secrets.token_hex(8)
        """Sent as `prompt_cache_key`: random, so that it tells nothing of the document."""
        self.candidates: list[Draft] | None = None
        """Alternatives from a repeated request at the same place; None before one."""
        self._clock = clock
        self._asked_at: tuple[Text, int] | None = None
        self._version: int | None = None
        self._turn: RequestTurn | None = None
        self._lingering: asyncio.Task[None] | None = None
        self._meanwhile: asyncio.Future[Any] | None = None

    def next_turn(self) -> RequestTurn:
        """Take the turn from the request before."""
        turn = RequestTurn(self._clock, self._turn)
        self._end_turn("a newer request")
        self._turn = turn
        self._stop_lingering()
        self._stop_meanwhile()
        return turn

    def changed(self) -> None:
        """The text that a pending request is about is gone: answer that request, and keep its
        stream for a moment."""
        if self._lingering is None and (self._turn is None or not self._turn.is_pending):
            return
        self._end_turn("an edit")
        self._stop_lingering()
        self.cancel_stream_later(ORPHAN_STREAM_TTL_S)

    def keystrokes_since(self, version: int | None) -> int:
        """How many changes there were since the request before, counted as one at least.

        Some editors ask once for several keys: Neovim's own inline completion after 200 ms without
        one, Helix after a bracket or a dot.
        """
        before, self._version = self._version, version
        return max(1, version - before) if version is not None and before is not None else 1

    def is_repeated_request(self, request: CompletionRequest) -> bool:
        """Whether something was shown before at the same place of the same text."""
        at = (request.snapshot.text, request.offset)
        if at == self._asked_at:
            return True
        self._asked_at, self.candidates = at, None
        return False

    def run_in_background(self, work: Awaitable[Any]) -> None:
        """Run `work` until the next request comes, and cancel earlier background work."""
        self._stop_meanwhile()
        self._meanwhile = asyncio.ensure_future(work)

    def cancel_conflicting_stream(self, place: CursorContext, *, is_ahead_wanted: bool) -> None:
        """Cancel a stream that contradicts the typed text. A prefetch for a later place may still
        agree, as long as the suggestion that leads there is displayed."""
        stream = self.stream
        if stream is None or stream.done or (stream.is_prefetch and is_ahead_wanted):
            return
        if stream.remainder_at(place) is None:
            self.cancel_stream()

    def cancel_stream_later(self, seconds: float) -> None:
        """Cancel the stream, which no request waits for, unless one joins it within `seconds`."""
        if self.stream is not None and not self.stream.done and self._lingering is None:
            self._lingering = asyncio.create_task(self._cancel_after(seconds))

    @contextmanager
    def deadline(self, turn: RequestTurn, patience_ms: float | None) -> Iterator[None]:
        """A context in which `turn` is hurried after `patience_ms`, to answer with what exists."""
        if patience_ms is None:
            yield
            return
        hurry = asyncio.ensure_future(self._hurry(turn, patience_ms))
        try:
            yield
        finally:
            hurry.cancel()

    def close(self) -> None:
        """End the pending request and the stream."""
        if self._turn is not None:
            self._turn.supersede("closing")
        self.cancel_stream()

    def cancel_stream(self) -> None:
        self._stop_lingering()
        self._stop_meanwhile()
        if self.stream is not None:
            self.stream.cancel()
            self.stream = None

    def _end_turn(self, by: str) -> None:
        if self._turn is not None:
            self._turn.supersede(by)
        if self.stream is not None:
            self.stream.notify_waiters()

    async def _hurry(self, turn: RequestTurn, patience_ms: float) -> None:
        await self._clock.sleep_s(patience_ms / 1000.0)
        turn.deadline_passed = True
        if self.stream is not None:
            self.stream.notify_waiters()

    async def _cancel_after(self, seconds: float) -> None:
        await self._clock.sleep_s(seconds)
        self._lingering = None
        self.cancel_stream()

    def _stop_meanwhile(self) -> None:
        if self._meanwhile is not None:
            self._meanwhile.cancel()
            self._meanwhile = None

    def _stop_lingering(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None


class DocumentSessions:
    """All documents with a request or a stream."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, DocumentSession] = {}
        self.parser = Reparser()
        """Parses what stands around the cursor, which is in one document at a time."""

    @property
    def busy(self) -> bool:
        """Whether any stream is on its way."""
        return any(each.stream and not each.stream.done for each in self._open.values())

    def get(self, uri: str) -> DocumentSession:
        """The document, which is now the one that was asked about last."""
        document = self._open.pop(uri, None) or DocumentSession(self._clock)
        self._open[uri] = document
        return document

    def attach_stream(self, document: DocumentSession, stream: InflightStream) -> None:
        """Make `stream` the document's own. Of too many in all, that ends which belongs to the
        document that was asked about longest ago."""
        document.cancel_stream()
        document.stream = stream
        busy = [other for other in self._open.values() if other.stream and not other.stream.done]
        for other in busy[: max(0, len(busy) - MAX_STREAMS)]:
            other.cancel_stream()

    def changed(self, uri: str) -> None:
        if (document := self._open.get(uri)) is not None:
            document.changed()

    def close(self, uri: str) -> None:
        if (document := self._open.pop(uri, None)) is not None:
            document.close()

    async def close_all(self) -> None:
        streams = [document.stream for document in self._open.values() if document.stream]
        for uri in list(self._open):
            self.close(uri)
        for stream in streams:
            await stream.wait_closed()
