"""How long each step of an answer may take, on a clock that jumps, and how much may come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from devstral_lsp.errors import EndpointUnreachable, InvalidResponse
from devstral_lsp.providers.base import most_characters
from devstral_lsp.providers.http.answer_limits import AnswerSize, Deadline, Timeouts
from tests.providers.conftest import Jump

LIMITS = Timeouts(connect_s=1, first_s=10, pause_s=4, whole_s=60)
FIRST = (
    "h said nothing for 10 s. If that goes on, check the network and the server; a slow model "
    "needs a longer timeout_ms."
)


async def piece(deadline: Deadline) -> None:
    await deadline.wait(asyncio.sleep(0))
    deadline.event_received()


async def overdue(deadline: Deadline, jump: Jump, seconds: float) -> str:
    """What is told when nothing comes for so long; "" if that is not too long."""
    coming: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(deadline.wait(coming))
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
    deadline = Deadline(LIMITS, "h")
    assert await overdue(deadline, jump, 9) == ""
    told = await overdue(deadline, jump, 2)
    assert told == FIRST


async def test_steps_before_the_first_piece_share_its_limit(jump: Jump) -> None:
    """Sending, reading the status line, and the first event."""
    deadline = Deadline(LIMITS, "h")
    for _ in range(3):
        assert await overdue(deadline, jump, 3) == ""
    assert await overdue(deadline, jump, 3) != ""


async def test_each_pause_between_pieces_is_limited(jump: Jump) -> None:
    deadline = Deadline(LIMITS, "h")
    for _ in range(5):
        await piece(deadline)
        assert await overdue(deadline, jump, 3) == ""
    told = await overdue(deadline, jump, 5)
    assert told == (
        "h fell silent for 4 s within its answer. If that goes on, check the network; a slow model "
        "needs a longer network.pause_timeout_ms."
    )


async def test_the_whole_is_limited_though_pieces_keep_coming(jump: Jump) -> None:
    deadline = Deadline(LIMITS, "h")
    for _ in range(19):
        await piece(deadline)
        assert await overdue(deadline, jump, 3) == ""
    told = await overdue(deadline, jump, 3.5)
    assert told == "h was not done after 60 s: a slow model needs a longer total_timeout_ms."


async def test_the_time_that_the_reader_takes_is_not_the_endpoints(jump: Jump) -> None:
    deadline = Deadline(LIMITS, "h")
    await piece(deadline)
    jump(30)
    assert await overdue(deadline, jump, 3) == ""


async def silent_steps(jump: Jump, *steps_s: float) -> AsyncGenerator[str, None]:
    """Pieces that take so many seconds each, without an event from the endpoint between them."""
    for step_s in steps_s:
        await asyncio.sleep(0)
        jump(step_s)
        for _ in range(3):
            await asyncio.sleep(0)
        yield "piece"


async def test_the_requests_for_one_answer_share_one_limit(jump: Jump) -> None:
    deadline = Deadline(LIMITS, "h")
    pieces = deadline.limit(silent_steps(jump, 3, 3, 3, 3))
    read = [await anext(pieces) for _ in range(3)]
    with pytest.raises(EndpointUnreachable) as raised:
        await anext(pieces)
    assert str(raised.value) == FIRST
    assert read == ["piece"] * 3


async def test_events_without_text_prolong_the_wait_for_the_next_piece(jump: Jump) -> None:
    """As of a model that thinks: each event begins a pause anew."""
    deadline = Deadline(LIMITS, "h")

    async def thinks(seconds: float) -> AsyncGenerator[str, None]:
        for _ in range(6):
            jump(3)
            deadline.event_received()
            await asyncio.sleep(0)
        jump(seconds)
        for _ in range(3):
            await asyncio.sleep(0)
        yield "piece"

    assert [each async for each in deadline.limit(thinks(3))] == ["piece"]
    with pytest.raises(EndpointUnreachable, match="fell silent for 4 s"):
        await anext(deadline.limit(thinks(5)))


async def test_who_reads_an_answer_is_not_under_its_limit(jump: Jump) -> None:
    deadline = Deadline(LIMITS, "h")
    async with aclosing(deadline.limit(silent_steps(jump, 3, 3))) as pieces:
        await anext(pieces)
        await asyncio.sleep(0)
        # By another task, as a generator that was left behind is closed.
        await asyncio.create_task(pieces.aclose())
    jump(9)
    await asyncio.sleep(0)


async def test_a_time_out_of_the_step_itself_is_not_taken_for_ours(jump: Jump) -> None:
    async def times_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Deadline(LIMITS, "h").wait(times_out())


async def test_cancelling_is_not_taken_for_a_time_out() -> None:
    waiting = asyncio.ensure_future(Deadline(LIMITS, "h").wait(asyncio.Event().wait()))
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


def test_an_answer_may_be_long_and_not_without_end() -> None:
    size = AnswerSize(100, "host.example")
    size.add(1_000 * 1_000)
    with pytest.raises(InvalidResponse, match=r"host\.example did not stop.*100 tokens.*base_url"):
        size.add(1_000 * 1_000)


def test_more_tokens_allow_more_characters() -> None:
    assert most_characters(64) > 64 * 4 * 4
    assert most_characters(4096) > 10 * most_characters(64)
