"""An endpoint that sends without end, and what the attacks look at in the server's process."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from tests.hostile.vitals import Vitals
from tests.support.editor import Editor, Place

MODELS = b'{"object":"list","data":[]}'
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

PROMPT_S = 10.0
"""How long a keystroke may take on a machine that does other things as well."""
MAX_MB = 220.0
"""Of memory. A server that has completed something has some 90."""


@dataclass
class Attack:
    """Bytes that are sent once, then bytes that are sent again and again."""

    head: bytes
    again: bytes = b""
    on_models: bool = False
    """Whether the question for models is answered so as well."""
    sent: int = 0
    answered: int = 0

    async def send(self, writer: asyncio.StreamWriter) -> None:
        self.answered += 1
        writer.write(self.head)
        await writer.drain()
        while self.again:
            writer.write(self.again)
            self.sent += len(self.again)
            await writer.drain()
            await asyncio.sleep(0)


@asynccontextmanager
async def attacking(attack: Attack) -> AsyncIterator[str]:
    """An endpoint that does nothing else; gives its address.

    End the editor before this: a connection that asyncio has accepted but not yet served when its
    server closes is closed by nobody (`Server._attach` raises in the transport's constructor).
    """
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET") and not attack.on_models:
                length = str(len(MODELS)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                writer.write(b"Connection: close\r\nContent-Length: %b\r\n\r\n" % length + MODELS)
            else:
                await attack.send(writer)
            await writer.drain()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        # A task that is cancelled before its first step closes nothing.
        task.add_done_callback(lambda _: writer.close())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def server_vitals() -> Vitals:
    """Those of the one server that this process has started."""
    (pid,) = [pid for pid in _children() if "devstral_lsp" in _command(pid)]
    return Vitals.of(pid)


def _children() -> list[int]:
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


async def keystroke_s(
    editor: Editor, place: Place
) -> tuple[float, list[types.InlineCompletionItem]]:
    """How long the answer to a keystroke takes, and that answer."""
    began = time.monotonic()
    items = await editor.inline(place)
    return time.monotonic() - began, items
