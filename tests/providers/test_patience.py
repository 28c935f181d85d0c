"""How long each step of an answer is waited for, on a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from devstral_lsp.errors import Unreachable
from devstral_lsp.providers.patience import Limits, Patience

LIMITS = Limits(connect_s=1, first_s=10, pause_s=4, whole_s=60)
Jump = Callable[[float], None]


@pytest.fixture
async def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Lets so many seconds pass on the event loop's clock."""
    loop, passed = asyncio.get_running_loop(), [0.0]
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])

    def by(seconds: float) -> None:
        passed[0] += seconds

    return by


async def piece(patience: Patience) -> None:
    await patience.wait(asyncio.sleep(0))
    patience.piece_came()


async def overdue(patience: Patience, jump: Jump, seconds: float) -> str:
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
    with pytest.raises(Unreachable) as raised:
        await waiting
    return str(raised.value)


async def test_the_first_piece_has_a_limit_of_its_own(jump: Jump) -> None:
    patience = Patience(LIMITS, "h")
    assert await overdue(patience, jump, 9) == ""
    told = await overdue(patience, jump, 2)
    assert told == "h said nothing for 10 s; timeout_ms sets how long."


async def test_steps_before_the_first_piece_share_its_limit(jump: Jump) -> None:
    """Sending, reading the status line, and the first event."""
    patience = Patience(LIMITS, "h")
    for _ in range(3):
        assert await overdue(patience, jump, 3) == ""
    assert await overdue(patience, jump, 3) != ""


async def test_each_pause_between_pieces_is_limited(jump: Jump) -> None:
    patience = Patience(LIMITS, "h")
    for _ in range(5):
        await piece(patience)
        assert await overdue(patience, jump, 3) == ""
    told = await overdue(patience, jump, 5)
    assert told == "h fell silent for 4 s; network.pause_timeout_ms sets how long."


async def test_the_whole_is_limited_though_pieces_keep_coming(jump: Jump) -> None:
    patience = Patience(LIMITS, "h")
    for _ in range(19):
        await piece(patience)
        assert await overdue(patience, jump, 3) == ""
    told = await overdue(patience, jump, 3.5)
    assert told == "h was not done after 60 s; total_timeout_ms sets how long."


async def test_the_time_that_the_reader_takes_is_not_the_endpoints(jump: Jump) -> None:
    patience = Patience(LIMITS, "h")
    await piece(patience)
    jump(30)
    assert await overdue(patience, jump, 3) == ""


async def test_a_time_out_of_the_step_itself_is_not_taken_for_ours(jump: Jump) -> None:
    async def times_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Patience(LIMITS, "h").wait(times_out())


async def test_cancelling_is_not_taken_for_a_time_out() -> None:
    waiting = asyncio.ensure_future(Patience(LIMITS, "h").wait(asyncio.Event().wait()))
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
    made = Limits.of(2000, connect_ms, pause_ms, 9000)
    assert (made.connect_s, made.first_s, made.pause_s, made.whole_s) == limits
