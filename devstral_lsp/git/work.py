"""Limit the work for one answer: seconds, bytes and steps. Reading stops at the limit."""

from __future__ import annotations

import time
from collections.abc import Callable


class Unreadable(Exception):
    """A repository, or a part of one, that cannot be read; says why, without its content."""


class Missing(Unreadable):
    """A file or an object that does not exist, as in a partial clone."""


class TooLarge(Unreadable):
    """An object or a file above the size limit."""


class Work:
    """The budget of one answer. Each part of the reader reports what it is about to do."""

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
        """Use up bytes and steps. Raises Unreadable if too few are left."""
        self._bytes -= count
        self._steps -= steps
        if self._bytes < 0 or self._steps < 0 or self._now_s() > self._end_s:
            raise Unreadable("more work than is allowed")

    @property
    def is_late(self) -> bool:
        """Whether the time is up; another attempt with warm caches may succeed."""
        return self._now_s() > self._end_s

    def stop(self) -> None:
        """Make the work end at its next step. Called from another thread."""
        self._bytes = -1
