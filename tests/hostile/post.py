"""Ways to put messages into a pipe or a socket: one by one, or in packets that know no messages."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Protocol

from tests.support.wire import Wire


class Post(Protocol):
    """Takes framed messages, and sends them when told so."""

    def put(self, data: bytes) -> None: ...

    async def flush(self) -> None: ...

    async def flush_all(self) -> None: ...


class OneByOne:
    """Each message goes at once."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def put(self, data: bytes) -> None:
        self._wire.write(data)

    async def flush(self) -> None:
        await self._wire.drain()

    async def flush_all(self) -> None:
        await self.flush()


class Packets:
    """Several messages wait for one packet, and one message may be cut into many."""

    def __init__(self, wire: Wire, rng: Random) -> None:
        self._wire = wire
        self._rng = rng
        self._held = bytearray()

    def put(self, data: bytes) -> None:
        self._held += data

    async def flush(self) -> None:
        if self._rng.random() < 0.5:
            return  # what comes next goes into the same packet
        data = bytes(self._held)
        self._held.clear()
        if len(data) > 20_000 or self._rng.random() < 0.4:
            self._wire.write(data)
            return await self._wire.drain()
        while data:
            size = self._rng.choice((1, 2, 7, 40, 300, 3000))
            self._wire.write(data[:size])
            await self._wire.drain()
            await asyncio.sleep(0)
            data = data[size:]

    async def flush_all(self) -> None:
        """Whatever is held, now."""
        while self._held:
            await self.flush()
