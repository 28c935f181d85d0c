"""A stream in flight, which later requests may join while it agrees with the typed text.

The stream is read by its own task, even if no request waits for it: an editor's cancellation ends
an answer, not necessarily the stream. `cancel` closes the connection. Knows neither editor nor
endpoint.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from devstral_lsp.completion.stopping import Measured, measure, should_stop, truncate_at_stop
from devstral_lsp.completion.typed_through import RequestAnchor, is_typed_beyond, remaining_text
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.providers.base import Chunk, FinishReason
from devstral_lsp.providers.metering import Usage
from devstral_lsp.text import normalize_newlines


class InflightStream:
    """One answer as it comes. `text` only grows; `finish` and `error` are final once `done`."""

    def __init__(
        self,
        place: CursorContext,
        kind: CompletionKind,
        stops: tuple[str, ...],
        chunks: AsyncGenerator[Chunk, None],
        ended: Callable[[InflightStream], None],
        longest: int,
    ) -> None:
        """`longest`: code points after which it is cut, whether or not the endpoint goes on."""
        self.anchor = RequestAnchor.of(place)
        self.kind = kind
        self.text = ""
        self.finish: FinishReason | None = None
        self.error: BaseException | None = None
        self.usage = Usage()
        self.done = False
        self.is_prefetch = False
        """Asked for the place that accepting a suggestion leads to."""
        self._place = place
        self._stops = stops
        self._waiters: set[asyncio.Future[None]] = set()
        self._ended = ended
        self._longest = longest
        self._task = asyncio.create_task(self._read(chunks))
        # Not a `finally` in the task: one that is cancelled before its first step runs nothing.
        self._task.add_done_callback(self._finish)

    def remainder_at(self, place: CursorContext) -> str | None:
        """What has come beyond what was typed; None if the two disagree."""
        rest = remaining_text(self.text, self.anchor, place)
        if rest is None and not self.done and is_typed_beyond(self.text, self.anchor, place):
            return ""
        return rest

    def draft_at(self, place: CursorContext, kind: CompletionKind, beyond: int = 0) -> Draft | None:
        """The first unit beyond what was typed, if it has come; of a longer one, what is shown
        together with the lines that are `beyond` it already.

        Only one that reaches the stream's end may have been cut.
        """
        rest = self.remainder_at(place)
        measured = measure(rest, place, kind, ended=self.done, beyond=beyond) if rest else None
        if measured is None and rest and self.done:
            measured = Measured(rest)
        if not rest or measured is None:
            return None
        is_last = self.done and len(measured.text) == len(rest)
        finish = self.finish if is_last else FinishReason.STOP
        return Draft(text=measured.text, kind=kind, finish=finish, goes_on=not measured.is_complete)

    async def wait_for_update(self) -> None:
        """Wait for more text or for the end; returns at once when the stream is done."""
        if self.done:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    def cancel(self) -> None:
        """Close the connection; what has come so far stays. Nothing happens if it is done."""
        self._task.cancel()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed."""
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self, chunks: AsyncGenerator[Chunk, None]) -> None:
        async with aclosing(chunks):
            async for chunk in chunks:
                if self._take(chunk):
                    break

    def _finish(self, task: asyncio.Task[None]) -> None:
        self.error = None if task.cancelled() else task.exception()
        self.done = True
        self.notify_waiters()
        self._ended(self)

    def _take(self, chunk: Chunk) -> bool:
        """Add a chunk; True if that is enough."""
        self.usage = chunk.usage or self.usage
        self.finish = chunk.finish or self.finish
        if not chunk.text:
            return False
        # A carriage return may be the last of one chunk and its line feed the first of the next.
        text = normalize_newlines((self.text + chunk.text).removesuffix("\r"))
        self.text, stopped = truncate_at_stop(text, self._stops)
        if stopped:
            self.finish = FinishReason.STOP
        elif len(self.text) >= self._longest:
            self.text, self.finish = self.text[: self._longest], FinishReason.LENGTH
            stopped = True
        done = stopped or should_stop(self.text, self._place, self.kind)
        self.notify_waiters()
        return done

    def notify_waiters(self) -> None:
        """Let everyone who waits look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
