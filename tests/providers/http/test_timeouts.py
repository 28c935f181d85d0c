"""How long each step of an answer is waited for, on a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from devstral_lsp.errors import EndpointUnreachable
from devstral_lsp.providers.http.timeouts import (
    DeadlineTracker,
    Timeouts,
    detached_task,
    shared_deadline,
)
from tests.providers.conftest import Jump

LIMITS = Timeouts(connect_s=1, first_s=10, pause_s=4, whole_s=60)


async def piece(patience: DeadlineTracker) -> None:
    await patience.wait(asyncio.sleep(0))
    patience.chunk_received()


async def overdue(patience: DeadlineTracker, jump: Jump, seconds: float) -> str:
    """What is told when nothing comes for so long; "" if that is not too long."""
    coming: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(patience.wait(coming))
    await asyncio.sleep(0)
    jump(seconds)
    for _ in range(5):
        await asyncio.sleep(0)
    if not waiting.done():
        coming.set_result(None)
        await waiting
        return ""
    assert coming.cancelled()
    with pytest.raises(EndpointUnreachable) as raised:
        await waiting
    return str(raised.value)


async def test_the_first_piece_has_a_limit_of_its_own(jump: Jump) -> None:
    patience = DeadlineTracker(LIMITS, "h")
    assert await overdue(patience, jump, 9) == ""
    told = await overdue(patience, jump, 2)
    assert told == "h said nothing for 10 s; timeout_ms sets how long."


async def test_steps_before_the_first_piece_share_its_limit(jump: Jump) -> None:
    """Sending, reading the status line, and the first event."""
    patience = DeadlineTracker(LIMITS, "h")
    for _ in range(3):
        assert await overdue(patience, jump, 3) == ""
    assert await overdue(patience, jump, 3) != ""


async def test_each_pause_between_pieces_is_limited(jump: Jump) -> None:
    patience = DeadlineTracker(LIMITS, "h")
    for _ in range(5):
        await piece(patience)
        assert await overdue(patience, jump, 3) == ""
    told = await overdue(patience, jump, 5)
    assert told == "h fell silent for 4 s; network.pause_timeout_ms sets how long."


async def test_the_whole_is_limited_though_pieces_keep_coming(jump: Jump) -> None:
    patience = DeadlineTracker(LIMITS, "h")
    for _ in range(19):
        await piece(patience)
        assert await overdue(patience, jump, 3) == ""
    told = await overdue(patience, jump, 3.5)
    assert told == "h was not done after 60 s; total_timeout_ms sets how long."


async def test_the_time_that_the_reader_takes_is_not_the_endpoints(jump: Jump) -> None:
    patience = DeadlineTracker(LIMITS, "h")
    await piece(patience)
    jump(30)
    assert await overdue(patience, jump, 3) == ""


@shared_deadline
async def answer(jump: Jump, *steps_s: float) -> AsyncGenerator[str, None]:
    """What is told of requests, one after another, that nothing comes of for so long each."""
    for step_s in steps_s:
        yield await overdue(DeadlineTracker(LIMITS, "h"), jump, step_s)


async def test_the_requests_for_one_answer_have_one_limit(jump: Jump) -> None:
    told = [each async for each in answer(jump, 3, 3, 3, 3)]
    assert [bool(each) for each in told] == [False, False, False, True]
    assert told[-1] == "h said nothing for 10 s; timeout_ms sets how long."


async def test_a_part_of_an_answer_has_the_limit_of_the_whole(jump: Jump) -> None:
    @shared_deadline
    async def whole() -> AsyncGenerator[str, None]:
        for _ in range(2):
            async for each in answer(jump, 3, 3):
                yield each

    assert [bool(each) async for each in whole()] == [False, False, False, True]


async def test_the_next_answer_has_a_limit_of_its_own(jump: Jump) -> None:
    for _ in range(3):
        assert [each async for each in answer(jump, 3, 3)] == ["", ""]


async def test_who_reads_an_answer_is_not_under_its_limit(jump: Jump) -> None:
    async with aclosing(answer(jump, 9, 9)) as told:
        await anext(told)
        assert await overdue(DeadlineTracker(LIMITS, "h"), jump, 9) == ""
        # By another task, as a generator that was left behind is closed.
        await asyncio.create_task(told.aclose())
    assert await overdue(DeadlineTracker(LIMITS, "h"), jump, 9) == ""


async def test_a_task_for_several_answers_is_under_the_limit_of_none(jump: Jump) -> None:
    async def own() -> str:
        return await overdue(DeadlineTracker(LIMITS, "h"), jump, 9)

    @shared_deadline
    async def asks() -> AsyncGenerator[str, None]:
        jump(9)
        yield await detached_task(own(), "shared")

    assert [each async for each in asks()] == [""]


async def test_a_time_out_of_the_step_itself_is_not_taken_for_ours(jump: Jump) -> None:
    async def times_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await DeadlineTracker(LIMITS, "h").wait(times_out())


async def test_cancelling_is_not_taken_for_a_time_out() -> None:
    waiting = asyncio.ensure_future(DeadlineTracker(LIMITS, "h").wait(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize(
    ("connect_ms", "pause_ms", "limits"),
    [(None, None, (2, 2, 2, 9)), (500, 700, (0.5, 2, 0.7, 9)), (5000, 5000, (2, 2, 5, 9))],
)
def test_what_is_not_said_is_as_long_as_the_wait_for_the_first_piece(
    connect_ms: int | None, pause_ms: int | None, limits: tuple[float, ...]
) -> None:
    made = Timeouts.of(2000, connect_ms, pause_ms, 9000)
    assert (made.connect_s, made.first_s, made.pause_s, made.whole_s) == limits
