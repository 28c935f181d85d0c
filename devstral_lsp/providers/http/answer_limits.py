"""Bounds of one answer: how long each step may take, and how much the endpoint may send.

Connecting has a timeout of its own (`transport.py`). Several requests that serve one answer (the
list of models, a look at the server, a second strategy) share one `Deadline`, which travels in the
`FimRequest` or `ChatRequest`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from devstral_lsp.errors import EndpointUnreachable, InvalidResponse

_T = TypeVar("_T")

_BYTES_PER_TOKEN = 2_048
"""Each token may come in an event of its own, of 200 to 1,000 bytes in all known APIs."""
_MIN_BYTES = 1 << 20
"""For what else comes: comments that keep a stream alive, usage."""

_MAX_SILENCE_S = 5.0
"""Replacing a connection that was alive costs a handshake, some 100 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds: for connecting, to the first event, between events, and for the whole answer."""

    connect_s: float
    first_s: float
    pause_s: float
    whole_s: float

    @property
    def silence_s(self) -> float:
        """How long a connection may give no byte, over all requests that wait for one, until it
        counts as dead: less than any request waits, since users type on before that."""
        return min(_MAX_SILENCE_S, self.first_s / 2, self.pause_s / 2)

    @classmethod
    def of(
        cls, timeout_ms: int, connect_ms: int | None, pause_ms: int | None, whole_ms: int
    ) -> Timeouts:
        """From milliseconds; None means `timeout_ms`, and connecting never takes longer."""
        return cls(
            connect_s=min(timeout_ms, connect_ms or timeout_ms) / 1000,
            first_s=timeout_ms / 1000,
            pause_s=(pause_ms or timeout_ms) / 1000,
            whole_s=whole_ms / 1000,
        )


class Deadline:
    """Limits the time of one answer, from now on, whatever requests it takes.

    The bytes of a comment that keeps a stream alive are no event. `host` is for the error messages.
    """

    def __init__(self, timeouts: Timeouts, host: str) -> None:
        self._timeouts = timeouts
        self._host = host
        self._now_s = asyncio.get_running_loop().time
        self._began_s = self._asked_s = self._now_s()
        self.is_answering = False
        """Whether the endpoint has sent an event of its answer."""
        self._timer: asyncio.Timeout | None = None

    @property
    def has_passed(self) -> bool:
        """Whether the step in progress is being cancelled for taking too long."""
        return self._timer is not None and self._timer.expired()

    async def limit(self, pieces: AsyncGenerator[_T, None]) -> AsyncGenerator[_T, None]:
        """The same pieces; only the time spent waiting for each of them counts.

        Raises EndpointUnreachable, and closes `pieces`, when the time is up.
        """
        async with aclosing(pieces):
            while (piece := await self.wait(anext(pieces, None))) is not None:
                yield piece

    async def wait(self, step: Awaitable[_T]) -> _T:
        """The result of `step`. Raises EndpointUnreachable, and cancels it, when time is up."""
        timer = self._timer = asyncio.timeout_at(self._due_s())
        try:
            async with timer:
                return await step
        except TimeoutError:
            if not timer.expired():
                raise
        finally:
            self._timer = None
        raise EndpointUnreachable(f"{self._host} {self._overdue(timer)}")

    def restart(self) -> None:
        """The first event is waited for anew; the limit of the whole answer stays."""
        self._asked_s, self.is_answering = self._now_s(), False

    def event_received(self) -> None:
        """The endpoint has sent an event: from now on the timeout between events applies."""
        self.is_answering = True
        if self._timer is not None and not self.has_passed:
            self._timer.reschedule(self._due_s())

    def _due_s(self) -> float:
        timeouts = self._timeouts
        step_ends_s = (
            self._now_s() + timeouts.pause_s
            if self.is_answering
            else self._asked_s + timeouts.first_s
        )
        return min(step_ends_s, self._began_s + timeouts.whole_s)

    def _overdue(self, timer: asyncio.Timeout) -> str:
        timeouts = self._timeouts
        if timer.when() == self._began_s + timeouts.whole_s:
            return (
                f"was not done after {timeouts.whole_s:g} s: a slow model needs a longer "
                "total_timeout_ms."
            )
        if self.is_answering:
            return (
                f"fell silent for {timeouts.pause_s:g} s within its answer. If that goes on, check "
                "the network; a slow model needs a longer network.pause_timeout_ms."
            )
        return (
            f"said nothing for {timeouts.first_s:g} s. If that goes on, check the network and the "
            "server; a slow model needs a longer timeout_ms."
        )


class AnswerSize:
    """Counts the bytes of one answer, and stops an endpoint that ignores `max_tokens`.

    The bound is far above what any API needs.
    """

    def __init__(self, max_tokens: int, host: str) -> None:
        self._max_tokens = max_tokens
        self._host = host
        self._bytes_left = _MIN_BYTES + _BYTES_PER_TOKEN * max_tokens

    def add(self, size: int) -> None:
        """Count `size` more bytes. Raises InvalidResponse beyond the bound."""
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise InvalidResponse(
                f"{self._host} did not stop: it was asked for at most {self._max_tokens} tokens "
                "and sent far more, so the connection was closed. Check the model, or the server "
                "at base_url."
            )
