"""One client's session, from within."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from devstral_lsp.server.server import Server


async def test_work_that_is_cancelled_before_it_begins_leaves_nothing_behind() -> None:
    work = asyncio.sleep(0)
    task = Server().in_background("test", work)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED
