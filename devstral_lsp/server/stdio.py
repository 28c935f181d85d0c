"""Standard input and output, whatever they are: pipes and sockets, which editors give; a file.

A pipe belongs to the event loop. A thread that reads it costs a keystroke two changes of threads;
and a write that waits until the client reads would hold up everything else, for good if the client
waits for us to read as well. What the loop cannot wait for (a file, a terminal, all of it on
Windows) is read by a thread, and written at once. Knows nothing of messages but where they end.
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from devstral_lsp.server.frames import Frames, NotLsp

_CHUNK = 1 << 16
_LAST_WORDS_S = 2.0
"""How long a client may take to read what was written before the end."""


class Output(Protocol):
    """Where the answers go."""

    def write(self, data: bytes) -> None:
        """Raises OSError if nobody reads any more."""

    async def close(self) -> None:
        """Wait a little until all is written."""


@dataclass(frozen=True, slots=True)
class Stdio:
    """The two ways between us and the client: the bodies of its messages, and the answers."""

    bodies: AsyncGenerator[bytes, None]
    out: Output

    @classmethod
    async def open(cls) -> Stdio:
        """Take both. Whatever else prints to stdout goes to stderr from here on."""
        stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
        are_pipes = _are_pipes(stdin, stdout)
        out = os.fdopen(os.dup(stdout), "wb", buffering=0 if are_pipes else -1)
        os.dup2(sys.stderr.fileno(), stdout)
        if are_pipes:
            return cls(_from_pipe(stdin), await _PipeOutput.open(out))
        return cls(_from_descriptor(stdin), _FileOutput(out))


async def bodies_of(reader: asyncio.StreamReader) -> AsyncGenerator[bytes, None]:
    """The bodies of messages, until the stream ends or speaks HTTP."""
    frames = Frames()
    with suppress(OSError, NotLsp):
        while data := await reader.read(_CHUNK):
            for body in frames.feed(data):
                yield body


def _are_pipes(stdin: int, stdout: int) -> bool:
    """Whether the event loop can wait for them. Of one socket for both, it would take what is to
    be read for a sign that nobody reads."""
    ends = os.fstat(stdin), os.fstat(stdout)
    waitable = all(stat.S_ISFIFO(end.st_mode) or stat.S_ISSOCK(end.st_mode) for end in ends)
    return sys.platform != "win32" and waitable and not os.path.samestat(*ends)


async def _from_pipe(descriptor: int) -> AsyncGenerator[bytes, None]:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", buffering=0, closefd=False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        async for body in bodies_of(reader):
            yield body
    finally:
        transport.close()


async def _from_descriptor(descriptor: int) -> AsyncGenerator[bytes, None]:
    """Message bodies from a file descriptor of any kind, read by a thread.

    The thread reads past Python's buffered stdin, whose lock it would hold while the process ends.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(body: bytes | None) -> None:
        with suppress(RuntimeError):  # The loop has been closed: nobody listens any more.
            loop.call_soon_threadsafe(queue.put_nowait, body)

    def read() -> None:
        frames = Frames()
        with suppress(OSError, NotLsp):
            while data := os.read(descriptor, _CHUNK):
                for body in frames.feed(data):
                    put(body)
        put(None)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    while (body := await queue.get()) is not None:
        yield body


class _FileOutput:
    """Written at once."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()

    async def close(self) -> None:
        """Nothing is left to be written."""


class _PipeOutput(asyncio.BaseProtocol):
    """Written at once as far as there is room, and the rest when the client has read."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._written = asyncio.Event()
        self._written.set()

    @classmethod
    async def open(cls, out: BinaryIO) -> _PipeOutput:
        loop = asyncio.get_running_loop()
        transport, output = await loop.connect_write_pipe(cls, out)
        transport.set_write_buffer_limits(high=0)
        output._transport = transport
        return output

    def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise BrokenPipeError
        self._transport.write(data)

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                await self._written.wait()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    def pause_writing(self) -> None:
        """More waits than the pipe has room for."""
        self._written.clear()

    def resume_writing(self) -> None:
        self._written.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._written.set()
