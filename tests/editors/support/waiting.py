"""Waiting for what a real editor does in its own time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE_S = 20.0
_PAUSE_S = 0.02

T = TypeVar("T")


async def until(
    what: str, look: Callable[[], T | Awaitable[T]], patience_s: float = PATIENCE_S
) -> T:
    """What `look` gives once it is true. Raises AssertionError, which says `what` was awaited."""
    end = time.monotonic() + patience_s
    while True:
        found = look()
        value = await found if isinstance(found, Awaitable) else found
        if value:
            return value
        assert time.monotonic() < end, f"waited {patience_s} s for {what}"
        await asyncio.sleep(_PAUSE_S)
