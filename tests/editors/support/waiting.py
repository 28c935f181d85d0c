"""Waiting for what a real editor does in its own time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

PATIENCE_S = 20.0
_WRITING_S = 5.0
_PAUSE_S = 0.02

T = TypeVar("T")


async def until(
    what: str,
    look: Callable[[], T | Awaitable[T]],
    patience_s: float = PATIENCE_S,
    *,
    instead: Callable[[], object] = str,
) -> T:
    """What `look` gives once it is true.

    Raises AssertionError, which says `what` was awaited and what there was `instead`.
    """
    end = time.monotonic() + patience_s
    while True:
        found = look()
        value = await found if isinstance(found, Awaitable) else found
        if value:
            return value
        assert time.monotonic() < end, f"waited {patience_s} s for {what}; there was\n{instead()}"
        await asyncio.sleep(_PAUSE_S)


async def until_on_disk(file: Path, content: bytes, *, instead: Callable[[], object] = str) -> None:
    """Wait until the file is this, byte for byte. Raises AssertionError like `until`."""
    await until(
        f"{content!r} in {file.name}",
        lambda: _content(file) == content,
        _WRITING_S,
        instead=lambda: f"{_content(file)!r} on disk, and\n{instead()}",
    )


def _content(file: Path) -> bytes | None:
    """None while it is not there: some editors move it away before they write it anew."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
