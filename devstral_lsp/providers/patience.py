"""How long a request waits for each step of its answer.

Connecting has a limit of its own (`transport.py`). Here are the others: until the first piece has
come, between two pieces, and for all of it. The bytes of a comment that keeps a stream alive are
no piece. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from devstral_lsp.errors import Unreachable

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds: for connecting, to the first piece, between two, and for the whole answer."""

    connect_s: float
    first_s: float
    pause_s: float
    whole_s: float

    @classmethod
    def of(
        cls, timeout_ms: int, connect_ms: int | None, pause_ms: int | None, whole_ms: int
    ) -> Limits:
        """From milliseconds; None is as long as `timeout_ms`, and connecting is never longer."""
        return cls(
            connect_s=min(timeout_ms, connect_ms or timeout_ms) / 1000,
            first_s=timeout_ms / 1000,
            pause_s=(pause_ms or timeout_ms) / 1000,
            whole_s=whole_ms / 1000,
        )


class Patience:
    """The limits of one request, which begins now. `host` is for the sentences."""

    def __init__(self, limits: Limits, host: str) -> None:
        self._limits = limits
        self._host = host
        self._now_s = asyncio.get_running_loop().time
        self._began_s = self._now_s()
        self._answering = False

    async def wait(self, step: Awaitable[_T]) -> _T:
        """What `step` comes to. Raises Unreachable, and cancels it, when its time is up."""
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
        raise Unreachable(f"{self._host} {self._overdue(whole=due_s > ends_s)} sets how long.")

    def piece_came(self) -> None:
        """From now on the limit between two pieces holds."""
        self._answering = True

    def _overdue(self, *, whole: bool) -> str:
        limits = self._limits
        if whole:
            return f"was not done after {limits.whole_s:g} s; total_timeout_ms"
        if self._answering:
            return f"fell silent for {limits.pause_s:g} s; network.pause_timeout_ms"
        return f"said nothing for {limits.first_s:g} s; timeout_ms"
