"""What is written when there is no room; the rest is seen from outside, in `tests/e2e`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import BinaryIO

import pytest

from devstral_lsp.server.stdio import FLUSH_TIMEOUT_S, Output, open_output

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
async def pipe() -> AsyncIterator[tuple[BinaryIO, int, Output]]:
    """The end where a client reads, the other one, and the output that writes there, which a test
    is to close."""
    reading, writing = os.pipe()
    aside = os.open(os.devnull, os.O_WRONLY)
    with os.fdopen(reading, "rb", buffering=0) as reader:
        yield reader, writing, open_output(writing, aside)
    os.close(aside)


async def settled() -> None:
    """What can be done without more time or bytes has been done."""
    for _ in range(8):
        await asyncio.sleep(0)


async def test_what_had_to_wait_comes_whole_and_in_order(
    pipe: tuple[BinaryIO, int, Output],
) -> None:
    reader, writer, out = pipe
    received = b""
    for part in (b"first", MUCH, b"last"):
        out.write(part)
    while len(received) < len(b"first" + MUCH + b"last"):
        received += reader.read(1 << 16)
        await settled()
    assert received == b"first" + MUCH + b"last"
    assert not asyncio.get_running_loop().remove_writer(writer), "the loop would never rest again"
    await out.close()


async def test_a_client_that_goes_while_something_waits(pipe: tuple[BinaryIO, int, Output]) -> None:
    reader, writer, out = pipe
    out.write(MUCH)
    reader.close()
    await settled()
    with pytest.raises(BrokenPipeError):
        out.write(b"too late")
    assert not asyncio.get_running_loop().remove_writer(writer), "the loop would never rest again"
    await out.close()


async def test_a_slow_client_may_read_to_the_end(
    pipe: tuple[BinaryIO, int, Output], turn: Callable[[float], None]
) -> None:
    reader, _, out = pipe
    out.write(MUCH)
    closing = asyncio.ensure_future(out.close())
    received = 0
    while received < len(MUCH):
        await settled()
        turn(FLUSH_TIMEOUT_S * 0.75)
        await settled()
        received += len(reader.read(1 << 16))
    await closing


async def test_a_client_that_stops_reading_is_given_up(
    pipe: tuple[BinaryIO, int, Output], turn: Callable[[float], None]
) -> None:
    reader, _, out = pipe
    out.write(MUCH)
    closing = asyncio.ensure_future(out.close())
    await settled()
    reader.read(1 << 16)
    await settled()
    turn(FLUSH_TIMEOUT_S * 0.75)
    await settled()
    assert not closing.done()
    turn(FLUSH_TIMEOUT_S)
    await settled()
    assert closing.done()
    with pytest.raises(OSError, match="Bad file descriptor"):
        out.write(b"too late")
