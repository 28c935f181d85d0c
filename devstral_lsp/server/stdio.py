"""Standard input and output, whatever they are: pipes and sockets, which editors give; a file.

A pipe belongs to the event loop. A thread that reads it costs a keystroke two changes of threads;
and a write that waits until the client reads would hold up everything else, for good if the client
waits for us to read as well. What the loop cannot wait for (a file, a terminal, all of it on
Windows) is read by a thread, and written at once. Knows nothing of messages but where they end.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from devstral_lsp.errors import ConfigError
from devstral_lsp.server.framing import LARGEST_MESSAGE, HttpRequestReceived, MessageFramer

_LOG = logging.getLogger(__name__)

CHUNK = 1 << 16
"""Bytes that are read at once."""

Read = Callable[[], Awaitable[bytes]]
"""Gives the next bytes, none at the end."""

FLUSH_TIMEOUT_S = 2.0
"""How long a client that reads nothing is waited for at the end."""


class Output(Protocol):
    """Where the answers go."""

    def write(self, data: bytes) -> None:
        """Raises OSError if nobody reads any more."""

    async def close(self) -> None:
        """Wait until all is written, as long as somebody reads."""


@dataclass(frozen=True, slots=True)
class Stdio:
    """The two ways between us and the client: the bodies of its messages, and the answers."""

    bodies: AsyncGenerator[bytes, None]
    out: Output

    @classmethod
    def open(cls) -> Stdio:
        """Take both. Whatever else prints to stdout goes to stderr from here on. Raises ConfigError
        if one of them is closed.
        """
        # Python has None for a descriptor that was closed when it started.
        if sys.stdin is None or sys.stdout is None:
            raise ConfigError(
                "An editor talks to the server over standard input and output, and one of them is "
                "closed: leave both open, or use --tcp PORT."
            )
        stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
        stderr = os.open(os.devnull, os.O_WRONLY) if sys.stderr is None else sys.stderr.fileno()
        out = os.dup(stdout)
        os.dup2(stderr, stdout)
        reading = _read_in_loop if _is_pipe(stdin) else _read_by_thread
        return cls(read_messages(reading(stdin)), open_output(out, stderr))


async def read_messages(read: Read) -> AsyncGenerator[bytes, None]:
    """The bodies of messages, until there is nothing more to read, or no client speaks."""
    frames = MessageFramer()
    passed_over = 0
    try:
        while data := await read():
            for body in frames.feed(data):
                yield body
            if frames.passed_over > passed_over:
                passed_over = frames.passed_over
                _LOG.warning(
                    "A message of more than %d MB was passed over: a document of that size gets "
                    "no completions.",
                    LARGEST_MESSAGE >> 20,
                )
    except HttpRequestReceived as error:
        _LOG.warning("%s The connection is closed.", error)
    except OSError:
        return


def open_output(descriptor: int, stderr: int) -> Output:
    """What writes there.

    If log lines go into the same pipe, each message is waited for: they would be lost otherwise
    while there is no room, or come between the halves of a message.
    """
    is_shared = os.path.samestat(os.fstat(descriptor), os.fstat(stderr))
    if _is_pipe(descriptor) and not is_shared:
        return _PipeOutput(descriptor)
    return _FileOutput(os.fdopen(descriptor, "wb"))


def _is_pipe(descriptor: int) -> bool:
    """Whether the event loop can wait for it.

    On macOS it cannot for a pipe with a name: there kqueue does not tell its end, nor always that
    there is something in it (issues 95600 and 145030 of CPython).
    """
    if sys.platform == "win32":
        return False
    end = os.fstat(descriptor)
    is_named = sys.platform == "darwin" and end.st_nlink > 0
    return stat.S_ISSOCK(end.st_mode) or (stat.S_ISFIFO(end.st_mode) and not is_named)


def _read_in_loop(descriptor: int) -> Read:
    """What gives the next bytes of a pipe.

    They are read when there are some, so the descriptor need not be changed to one that does not
    wait: whoever shares it with us, such as a shell, would find it changed as well.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        data = b""
        with suppress(OSError):
            data = os.read(descriptor, CHUNK)
        if not data:
            loop.remove_reader(descriptor)
        queue.put_nowait(data)

    loop.add_reader(descriptor, read)
    return queue.get


def _read_by_thread(descriptor: int) -> Read:
    """What gives the next bytes of a descriptor of any kind.

    The thread reads past Python's buffered stdin, whose lock it would hold while the process ends.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    def put(data: bytes) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, data)

    def read() -> None:
        with suppress(RuntimeError):  # The loop has been closed: nobody listens any more.
            with suppress(OSError):
                while data := os.read(descriptor, CHUNK):
                    put(data)
            put(b"")

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return queue.get


class _FileOutput:
    """Written at once."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()

    async def close(self) -> None:
        """Nothing is left to be written."""


class _PipeOutput:
    """Written at once as far as there is room, and the rest when the client has read.

    asyncio's own transport will not do: it takes it for the end if anything can be read where it
    writes, as from one socket for both ways, or from a socket that is shut down for that way.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waits_by_itself = os.get_blocking(descriptor)
        os.set_blocking(descriptor, False)
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._went_on = asyncio.Event()

    def write(self, data: bytes) -> None:
        if self._waiting:
            self._waiting += data
            return
        written = self._write(data)
        if written < len(data):
            self._waiting += memoryview(data)[written:]
            self._loop.add_writer(self._descriptor, self._go_on)

    async def close(self) -> None:
        try:
            with suppress(TimeoutError):
                while self._waiting:
                    self._went_on.clear()
                    await asyncio.wait_for(self._went_on.wait(), FLUSH_TIMEOUT_S)
        finally:
            self._loop.remove_writer(self._descriptor)
            self._waiting.clear()
            # Whoever shares it, such as a shell, would find it changed.
            os.set_blocking(self._descriptor, self._waits_by_itself)
            os.close(self._descriptor)
            self._descriptor = -1

    def _go_on(self) -> None:
        try:
            del self._waiting[: self._write(self._waiting)]
        except OSError:  # Nobody reads any more, as the next message will find by itself.
            self._waiting.clear()
        if not self._waiting:
            self._loop.remove_writer(self._descriptor)
        self._went_on.set()

    def _write(self, data: bytes | bytearray) -> int:
        """How many bytes there was room for."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
