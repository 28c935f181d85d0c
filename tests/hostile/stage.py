"""Servers to be hostile to: started with an endpoint, listened to on every side, ended in order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.e2e.conftest import key_for
from tests.e2e.test_transports import listening
from tests.hostile.papers import CANARY
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import Wire

TIMEOUT_MS, TOTAL_TIMEOUT_MS = 1000, 3000
"""How long the server waits for the endpoint to begin or go on, and for an answer that trickles."""

_NOISE = re.compile(r"sys:1: ResourceWarning|ResourceWarning: Enable tracemalloc")
_TROUBLE = re.compile(r"Traceback|\bERROR\b|never (awaited|retrieved)|Exception|Error")


@dataclass(frozen=True)
class Running:
    """A server, the way to it, and all that it writes to its standard error."""

    wire: Wire
    process: asyncio.subprocess.Process
    words: asyncio.Task[bytes]

    async def ended(self) -> int:
        """The exit code, once the process has ended by itself."""
        async with asyncio.timeout(20):
            return await self.process.wait()

    async def troubles(self) -> list[str]:
        """What of its words no server should have to say. Raises AssertionError for secrets."""
        said = (await self.words).decode()
        assert CANARY not in said, "source text on standard error"
        assert KEY not in said, "the key on standard error"
        lines = [line for line in said.splitlines() if not _NOISE.search(line)]
        return [line for line in lines if _TROUBLE.search(line)]


@asynccontextmanager
async def running(environ: dict[str, str], fake: FakeMistral, way: str) -> AsyncIterator[Running]:
    """A server on its pipes ("--stdio") or on a port ("--tcp")."""
    environ = {**environ, **key_for(fake)}
    if way == "--stdio":
        wire = await Wire.start(environ)
        assert wire.process is not None
        try:
            yield _heard(wire, wire.process)
        finally:
            await wire.stop()
        return
    async with listening(environ, way) as (process, port):
        wire = await Wire.connect("127.0.0.1", port)
        try:
            yield _heard(wire, process)
        finally:
            await wire.stop()


def _heard(wire: Wire, process: asyncio.subprocess.Process) -> Running:
    assert process.stderr is not None
    return Running(wire, process, asyncio.ensure_future(process.stderr.read()))
