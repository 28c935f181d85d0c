"""What is written when there is no room, and to whom; the rest is seen from outside, in
`tests/e2e/test_stdio.py`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import BinaryIO

import pytest

from devstral_lsp.server.stdio import FLUSH_TIMEOUT_S, Stdio

MUCH = b"." * (1 << 20)
"""Many times what a pipe holds."""


@dataclass(frozen=True)
class Client:
    """The other side: `reader` is where it reads."""

    stdio: Stdio
    reader: BinaryIO
    is_lost: asyncio.Event

    async def read(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            received += await asyncio.to_thread(self.reader.read, size - len(received))
        return received


@pytest.fixture
async def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Turns the loop's clock on by so many seconds."""
    loop = asyncio.get_running_loop()
    clock, turned = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: clock() + sum(turned))
    return turned.append


@pytest.fixture(params=["waits", "does not wait"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client over pipes that wait for room, or do not: other processes may have set them so."""
    stdin, ours = os.pipe()
    reading, out = os.pipe()
    for each in (stdin, out):
        os.set_blocking(each, request.param == "waits")
    is_lost = asyncio.Event()
    aside = os.open(os.devnull, os.O_WRONLY)
    stdio = Stdio(stdin, out, aside, is_lost.set)
    with os.fdopen(reading, "rb", buffering=0) as reader:
        yield Client(stdio, reader, is_lost)
    os.write(ours, b"Content-Length: 2\r\n\r\n{}")
    assert await anext(stdio.bodies) == b"{}"
    os.close(ours)
    assert await anext(stdio.bodies, None) is None
    for each in (stdin, aside):
        os.close(each)


async def settled() -> None:
    """What can be done without more time or bytes has been done."""
    for _ in range(8):
        await asyncio.sleep(0)


async def test_what_had_to_wait_comes_whole_and_in_order(client: Client) -> None:
    whole = b"first" + MUCH + b"last"
    for part in (b"first", MUCH, b"last"):
        client.stdio.write(part)
    assert await client.read(len(whole)) == whole
    await client.stdio.close()


async def test_a_client_that_goes_while_something_waits(client: Client) -> None:
    client.stdio.write(MUCH)
    client.reader.close()
    await client.is_lost.wait()
    client.stdio.write(b"too late")
    await client.stdio.close()


async def test_a_slow_client_may_read_to_the_end(
    client: Client, turn: Callable[[float], None]
) -> None:
    client.stdio.write(MUCH + MUCH)
    closing = asyncio.ensure_future(client.stdio.close())
    await settled()
    await client.read(len(MUCH))
    turn(FLUSH_TIMEOUT_S)
    await settled()
    assert not closing.done()
    await client.read(len(MUCH))
    await closing


async def test_a_client_that_stops_reading_is_given_up(
    client: Client, turn: Callable[[float], None]
) -> None:
    client.stdio.write(MUCH)
    closing = asyncio.ensure_future(client.stdio.close())
    await client.read(1 << 16)
    while not closing.done():
        turn(FLUSH_TIMEOUT_S)
        await settled()
