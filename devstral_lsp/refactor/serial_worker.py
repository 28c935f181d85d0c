"""Runs what takes long in a thread, one piece at a time.

Python's threads take turns, and each turn lasts 5 ms: with several refactors at work the thread
that answers keystrokes would wait for all of them, over and over. Knows nothing of what it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class SerialThreadWorker:
    """One place to work at; who comes later waits."""

    def __init__(self) -> None:
        self._free = asyncio.Lock()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives, which may block. Raises what it raises."""
        return await self.wait_for(asyncio.to_thread(work, *args, **kwargs))

    async def wait_for(self, work: Awaitable[T]) -> T:
        """What `work` gives, which uses threads of its own."""
        async with self._free:
            return await work
