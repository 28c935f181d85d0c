"""How long a request waits for each step of its answer.

Connecting has a limit of its own (`transport.py`). Here are the others: until the first piece has
come, between two pieces, and for all of it. The bytes of a comment that keeps a stream alive are
no piece. Several requests that serve one answer (a look at the server, the model's name, a second
way) have one limit: between who is asked and who sends stand so many that this is told by a context
variable. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from devstral_lsp.errors import EndpointUnreachable

_P = ParamSpec("_P")
_T = TypeVar("_T")

_request_started_at: ContextVar[float | None] = ContextVar("began_s", default=None)
"""When the answer was asked for that is being worked on, on the event loop's clock."""


def shared_deadline(
    ask: Callable[_P, AsyncGenerator[_T, None]],
) -> Callable[_P, AsyncGenerator[_T, None]]:
    """All requests made for an answer that `ask` gives began when it was asked for.

    Where one such is part of another, the outer one counts.
    """

    @wraps(ask)
    async def limited(*args: _P.args, **kwargs: _P.kwargs) -> AsyncGenerator[_T, None]:
        outer_s = _request_started_at.get()
        began_s = asyncio.get_running_loop().time() if outer_s is None else outer_s
        async with aclosing(ask(*args, **kwargs)) as pieces:
            while True:
                # For each step anew: in between, the context is that of whoever reads.
                token = _request_started_at.set(began_s)
                try:
                    piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                finally:
                    _request_started_at.reset(token)
                yield piece

    return limited


def detached_task(work: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
    """A task for several answers, which none of their limits holds for."""
    context = copy_context()
    context.run(_request_started_at.set, None)
    return asyncio.create_task(work, name=name, context=context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds: for connecting, to the first piece, between two, and for the whole answer."""

    connect_s: float
    first_s: float
    pause_s: float
    whole_s: float

    @classmethod
    def of(
        cls, timeout_ms: int, connect_ms: int | None, pause_ms: int | None, whole_ms: int
    ) -> Timeouts:
        """From milliseconds; None is as long as `timeout_ms`, and connecting is never longer."""
        return cls(
            connect_s=min(timeout_ms, connect_ms or timeout_ms) / 1000,
            first_s=timeout_ms / 1000,
            pause_s=(pause_ms or timeout_ms) / 1000,
            whole_s=whole_ms / 1000,
        )


class DeadlineTracker:
    """The limits of one request, which begins now unless it is one of several `shared_deadline`.

    `host` is for the sentences.
    """

    def __init__(self, limits: Timeouts, host: str) -> None:
        self._limits = limits
        self._host = host
        self._now_s = asyncio.get_running_loop().time
        began_s = _request_started_at.get()
        self._began_s = self._now_s() if began_s is None else began_s
        self._answering = False

    async def wait(self, step: Awaitable[_T]) -> _T:
        """What `step` comes to. Raises EndpointUnreachable, and cancels it, when its time is up."""
        limits, ends_s = self._limits, self._began_s + self._limits.whole_s
        first_s = self._began_s + limits.first_s
        # The time that the reader took over the piece before is not the endpoint's.
        due_s = self._now_s() + limits.pause_s if self._answering else first_s
        try:
            async with asyncio.timeout_at(min(due_s, ends_s)) as limit:
                return await step
        except TimeoutError:
            if not limit.expired():
                raise
        raise EndpointUnreachable(
            f"{self._host} {self._overdue(whole=due_s > ends_s)} sets how long."
        )

    def chunk_received(self) -> None:
        """From now on the limit between two pieces holds."""
        self._answering = True

    def _overdue(self, *, whole: bool) -> str:
        limits = self._limits
        if whole:
            return f"was not done after {limits.whole_s:g} s; total_timeout_ms"
        if self._answering:
            return f"fell silent for {limits.pause_s:g} s; network.pause_timeout_ms"
        return f"said nothing for {limits.first_s:g} s; timeout_ms"
