"""Work in a thread that nobody waits for. That no exit does: tests/config/test_children.py."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from devstral_lsp.unattended import unattended


async def test_what_it_gives_and_what_it_raises() -> None:
    assert await unattended(lambda: threading.current_thread().daemon) is True
    with pytest.raises(ValueError, match="'x'"):
        await unattended(partial(int, "x"))


async def test_who_is_cancelled_leaves_it_to_itself() -> None:
    go_on, done = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait(20)
        done.set()

    waiting = asyncio.ensure_future(unattended(work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    assert await asyncio.to_thread(done.wait, 20)
