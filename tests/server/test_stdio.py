"""How long the last words are waited for; the rest is seen from outside, in `tests/e2e`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

import pytest

from devstral_lsp.server.stdio import LAST_WORDS_S, Output, output_to

MUCH = b"." * (1 << 20)
"""Many times what a pipe holds."""


@pytest.fixture
async def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Turns the loop's clock on by so many seconds."""
    loop = asyncio.get_running_loop()
    clock, turned = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: clock() + sum(turned))
    return turned.append


@pytest.fixture
async def pipe() -> AsyncIterator[tuple[int, Output]]:
    """The end where a client reads, and the output that writes into the other one."""
    reader, writer = os.pipe()
    aside = os.open(os.devnull, os.O_WRONLY)
    yield reader, output_to(writer, aside)
    os.close(reader)
    os.close(aside)


async def settled() -> None:
    """What can be done without more time or bytes has been done."""
    for _ in range(8):
        await asyncio.sleep(0)


async def test_a_slow_client_may_read_to_the_end(
    pipe: tuple[int, Output], turn: Callable[[float], None]
) -> None:
    reader, out = pipe
    out.write(MUCH)
    closing = asyncio.ensure_future(out.close())
    received = 0
    while received < len(MUCH):
        await settled()
        turn(LAST_WORDS_S * 0.75)
        await settled()
        received += len(os.read(reader, 1 << 16))
    await closing


async def test_a_client_that_stops_reading_is_given_up(
    pipe: tuple[int, Output], turn: Callable[[float], None]
) -> None:
    reader, out = pipe
    out.write(MUCH)
    closing = asyncio.ensure_future(out.close())
    await settled()
    os.read(reader, 1 << 16)
    await settled()
    turn(LAST_WORDS_S * 0.75)
    await settled()
    assert not closing.done()
    turn(LAST_WORDS_S)
    await settled()
    assert closing.done()
    with pytest.raises(OSError, match="Bad file descriptor"):
        out.write(b"too late")
