"""One piece of work at a time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from devstral_lsp.refactor.ask import SerialThreadWorker
from tests.support.editor import PATIENCE_S
from tests.support.scripted import settle


async def test_pieces_of_work_never_overlap() -> None:
    worker, go, order = SerialThreadWorker(), threading.Event(), list[str]()

    def block() -> int:
        assert go.wait(PATIENCE_S)
        order.append("first")
        return 7

    async def say() -> None:
        order.append("second")

    first = asyncio.create_task(worker.run(block))
    second = asyncio.create_task(worker.wait_for(say))
    await settle()
    go.set()
    assert await first == 7
    await second
    assert order == ["first", "second"]


async def test_who_fails_or_gives_up_makes_room() -> None:
    worker = SerialThreadWorker()

    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await worker.run(fail)
    waiting = asyncio.create_task(worker.wait_for(asyncio.Event().wait))
    await asyncio.sleep(0)
    behind = asyncio.create_task(worker.run(int, "7"))
    await settle()
    assert not behind.done()
    waiting.cancel()
    assert await behind == 7


async def test_who_gives_up_before_its_turn_has_begun_nothing() -> None:
    worker, begun = SerialThreadWorker(), list[str]()

    async def begin() -> None:
        begun.append("begun")

    first = asyncio.create_task(worker.wait_for(asyncio.Event().wait))
    await settle()
    for second in (worker.wait_for(begin), worker.run(begun.append, "in a thread")):
        waiting = asyncio.create_task(second)
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert begun == []
