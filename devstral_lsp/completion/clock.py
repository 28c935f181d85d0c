"""The time that the completion engine lives by, so that tests can hold it still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`now_s` gives monotonic seconds, `sleep_s` waits that many."""

    now_s: Callable[[], float] = time.monotonic
    sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep

    def now_ms(self) -> float:
        return self.now_s() * 1000.0
