"""One piece of work at a time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from devstral_lsp.refactor.worker import Worker


async def test_pieces_of_work_never_overlap() -> None:
    worker, at_work = Worker(), threading.Lock()

    def work(number: int) -> int:
        assert at_work.acquire(blocking=False)
        try:
            return number * number
        finally:
            at_work.release()

    found = await asyncio.gather(*(worker.run(work, number) for number in range(20)))
    assert found == [number * number for number in range(20)]


async def test_who_fails_or_gives_up_makes_room() -> None:
    worker = Worker()

    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await worker.run(fail)
    waiting = asyncio.create_task(worker.wait_for(asyncio.Event().wait()))
    await asyncio.sleep(0)
    behind = asyncio.create_task(worker.run(int, "7"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await behind == 7
