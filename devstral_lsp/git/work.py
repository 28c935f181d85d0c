"""How much may be done for one answer: seconds, bytes and steps, after which reading ends."""

from __future__ import annotations

import time
from collections.abc import Callable


class Unreadable(Exception):
    """A repository, or a part of one, that is not read; says why, without any of its content."""


class Missing(Unreadable):
    """A file or an object that is not there, as in a partial clone."""


class TooLarge(Unreadable):
    """An object or a file of more bytes than are wanted."""


class Work:
    """What one answer may cost. Each part of the reader tells what it is about to do."""

    def __init__(
        self,
        seconds: float,
        max_bytes: int,
        max_steps: int,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now_s = now_s
        self._end_s = now_s() + seconds
        self._bytes = max_bytes
        self._steps = max_steps

    def spend(self, count: int = 0, steps: int = 1) -> None:
        """Account for so many bytes and steps. Raises Unreadable when that is more than is left."""
        self._bytes -= count
        self._steps -= steps
        if self._bytes < 0 or self._steps < 0 or self._now_s() > self._end_s:
            raise Unreadable("more work than is allowed")

    def stop(self) -> None:
        """Nobody waits any more: what is under way ends at its next step. For another thread."""
        self._bytes = -1
