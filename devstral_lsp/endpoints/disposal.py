"""Closes in the background what new settings have replaced."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Sequence
from typing import Any


class Disposal:
    """Engines, providers and context sources that are being closed.

    `is_in_use` says whether a user is at work, so that it matters how much memory they hold.
    """

    def __init__(self, is_in_use: Callable[[], bool]) -> None:
        self._is_in_use = is_in_use
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, *closings: Coroutine[Any, Any, None]) -> None:
        """Run `closings` in the background, one after the other."""
        task = asyncio.ensure_future(_run_in_turn(closings))
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    async def wait(self) -> None:
        """Wait until everything is closed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks and self._is_in_use():
            # They refer to each other and may hold tens of megabytes, for which Python's collector
            # would come hours later. `task` itself would still use them.
            gc.collect()


async def _run_in_turn(closings: Sequence[Coroutine[Any, Any, None]]) -> None:
    for each in closings:
        await each
