"""Standard input and output, read by one thread and written by another.

Threads work with pipes, sockets, files and terminals on every system. A client that does not read
blocks only the writing thread: if the server also stopped reading, both could wait forever.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from queue import SimpleQueue

from devstral_lsp.errors import ConfigError
from devstral_lsp.observability.log import OUTPUT_LOCK
from devstral_lsp.server.framing import MAX_MESSAGE_BYTES, HttpRequestReceived, MessageFramer

_LOG = logging.getLogger(__name__)

CHUNK = 1 << 16
"""Bytes that are read or written at once."""

Read = Callable[[], Awaitable[bytes]]
"""Returns the next bytes, b"" at the end."""

FLUSH_TIMEOUT_S = 2.0
"""How long `close` waits for a client that reads nothing."""


class Stdio:
    """The connection to the client that started the process."""

    def __init__(self, stdin: int, out: int, stderr: int, lost: Callable[[], None]) -> None:
        """`lost` is called once `out` cannot be written any more."""
        self._loop = asyncio.get_running_loop()
        self._stdin, self._out, self._lost = stdin, out, lost
        self._received: asyncio.Queue[bytes] = asyncio.Queue()
        self._waiting: SimpleQueue[bytes] = SimpleQueue()
        self._written_bytes = 0
        self._ended = asyncio.Event()
        # Log lines in the same pipe must not interrupt a message.
        self._shares_stderr = os.path.samestat(os.fstat(out), os.fstat(stderr))
        self.bodies = read_messages(self._received.get)
        for work in (self._read, self._write_waiting):
            threading.Thread(target=work, name="stdio", daemon=True).start()

    @classmethod
    def open(cls, lost: Callable[[], None] = lambda: None) -> Stdio:
        """Take over stdin and stdout, and redirect other output to stdout to stderr.

        Raises ConfigError if stdin or stdout is closed.
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
        return cls(stdin, out, stderr, lost)

    def write(self, data: bytes) -> None:
        """Write in the background, in the order of the calls."""
        if self._shares_stderr:
            with OUTPUT_LOCK:
                self._write(data)
        else:
            self._waiting.put(data)

    async def close(self) -> None:
        """Wait until everything is written, as long as the client keeps reading."""
        self._waiting.put(b"")
        before = -1
        while not self._ended.is_set() and self._written_bytes != before:
            before = self._written_bytes
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), FLUSH_TIMEOUT_S)

    def _read(self) -> None:
        # Not with `sys.stdin`, whose lock this thread would hold while the process ends.
        data = b"."
        with suppress(RuntimeError):  # The loop has been closed.
            while data:
                data = _read_some(self._stdin)
                self._loop.call_soon_threadsafe(self._received.put_nowait, data)

    def _write_waiting(self) -> None:
        while data := self._waiting.get():
            self._write(data)
        with suppress(RuntimeError):  # The loop has been closed.
            self._loop.call_soon_threadsafe(self._ended.set)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                written = os.write(self._out, rest[:CHUNK])
            except BlockingIOError:
                select.select([], [self._out], [])
                continue
            except OSError:
                with suppress(RuntimeError):  # The loop has been closed.
                    self._loop.call_soon_threadsafe(self._lost)
                return
            self._written_bytes += written
            rest = rest[written:]


def _read_some(descriptor: int) -> bytes:
    """The next bytes; b"" at the end or if reading fails.

    The descriptor may be non-blocking, and is not changed, since other processes may share it.
    """
    while True:
        try:
            return os.read(descriptor, CHUNK)
        except BlockingIOError:
            select.select([descriptor], [], [])
        except OSError:
            return b""


async def read_messages(read: Read) -> AsyncGenerator[bytes, None]:
    """The bodies of messages, until the end of the input or until it is not LSP."""
    frames = MessageFramer()
    discarded = 0
    try:
        while data := await read():
            for body in frames.feed(data):
                yield body
            if frames.discarded > discarded:
                discarded = frames.discarded
                _LOG.warning(
                    "A message of more than %d MB was discarded: a document of that size gets "
                    "no completions.",
                    MAX_MESSAGE_BYTES >> 20,
                )
    except HttpRequestReceived as error:
        _LOG.warning("%s The connection is closed.", error)
    except OSError:
        return
