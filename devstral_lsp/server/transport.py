"""Serves clients on standard input and output, on a TCP port or on a Unix socket.

Every connection has its own `Server`. On stdio the process ends with its client; on a port or a
socket it ends when the last client has left.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Coroutine, MutableMapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.errors import ConfigError
from devstral_lsp.server.admission import MAX_BYTES_BEFORE, AccessToken, Admission, take_token
from devstral_lsp.server.framing import frame
from devstral_lsp.server.routes import create_server
from devstral_lsp.server.server import Server
from devstral_lsp.server.stdio import CHUNK, Stdio, read_messages
from devstral_lsp.server.unix_socket import is_of_this_user, listening_socket

_Listener = TypeVar("_Listener")

_TERMINATED = 128 + signal.SIGTERM
"""Exit code of a process that SIGTERM ended, as shells report it."""


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A host and a port on this machine; port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> ListenAddress:
        """`PORT` or `HOST:PORT`. Raises ConfigError for anything that is not the loopback."""
        host, _, port = text.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        if not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise ConfigError(f'"{text}" is not a port, nor a host and a port such as "2087".')
        if not is_loopback(host):
            raise ConfigError(
                f'devstral-lsp serves on the loopback only, and "{host}" is another address: '
                "anyone who reaches the port could use your key. Use an SSH tunnel to reach it "
                "from elsewhere."
            )
        return cls(host, int(port))


def serve_stdio() -> int:
    """Serve the client on standard input and output; returns the process's exit code."""
    return run_loop(_stdio())


def serve_tcp(address: ListenAddress, environ: MutableMapping[str, str] = os.environ) -> int:
    """Serve clients on a TCP port that present the token of `take_token(environ)`; returns the exit
    code of the last one that left.
    """
    return run_loop(_tcp(address, take_token(environ)))


def serve_socket(path: str) -> int:
    """Serve clients on a Unix socket. They run as the same user and need no token."""
    return run_loop(_socket(path))


async def converse(server: Server, bodies: AsyncGenerator[bytes, None]) -> int:
    """Handle messages until the client disconnects, sends `exit`, or its process ends."""
    reading = asyncio.ensure_future(_read(server, bodies))
    ending = asyncio.ensure_future(server.ended.wait())
    try:
        await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
    finally:
        for task in (reading, ending):
            task.cancel()
        await asyncio.gather(reading, ending, return_exceptions=True)
        await server.close()
    return server.exit_code


async def _read(server: Server, bodies: AsyncGenerator[bytes, None]) -> None:
    async with aclosing(bodies):
        async for body in bodies:
            server.protocol.receive(body)
            if server.ended.is_set():
                return


async def _stdio() -> int:
    server = create_server()
    stdio = Stdio.open(server.ended.set)
    server.protocol.connect(lambda body: stdio.write(frame(body)))
    try:
        return await converse(server, stdio.bodies)
    finally:
        await stdio.close()


async def _tcp(address: ListenAddress, token: AccessToken) -> int:
    clients, admission = Clients(), Admission(token)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer)
        place = admission.enter(writer.transport.abort)
        try:
            first = await admission.first_message(connection.next_body, connection.refuse)
        finally:
            admission.leave(place)
        if first is not None:
            connection.lift_limit()
            await clients.serve(_converse_over(connection, create_server([token.secret]), first))
        await connection.close()

    opening = asyncio.start_server(connected, address.host, address.port)
    listener = await opened(address, opening)
    async with listener:
        announce("tcp", listener.sockets[0].getsockname(), token)
        try:
            return await clients.all_left()
        finally:
            admission.close()


async def _socket(path: str) -> int:
    clients = Clients()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer)
        connection.lift_limit()
        # A client that connects and sends nothing only checks whether a server listens.
        if is_of_this_user(writer.get_extra_info("socket")):
            first = await connection.next_body()
            if first is not None:
                await clients.serve(_converse_over(connection, create_server(), first))
        await connection.close()

    with listening_socket(path) as bound:
        listener = await asyncio.start_unix_server(connected, sock=bound)
        sys.stderr.write(f"devstral-lsp listens on {bound.getsockname()}\n")
        sys.stderr.flush()
        try:
            return await _unless_terminated(clients.all_left())
        finally:
            listener.close()


async def _unless_terminated(ending: Coroutine[Any, Any, int]) -> int:
    """Await `ending`, which SIGTERM cancels so that the socket's file can be removed."""
    task = asyncio.ensure_future(ending)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await asyncio.wait({task})
        return _TERMINATED if task.cancelled() else task.result()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        task.cancel()


class _Connection:
    """A byte stream to a client, and the bodies of the messages in it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._limit: int | None = MAX_BYTES_BEFORE
        self.bodies = read_messages(self._read)

    def write(self, body: bytes) -> None:
        """Send a message."""
        self._writer.write(frame(body))

    def lift_limit(self) -> None:
        """Lift the limit of bytes for clients without a token."""
        self._limit = None

    async def next_body(self) -> bytes | None:
        """The body of the next message; None if there is none."""
        return await anext(self.bodies, None)

    async def refuse(self, body: bytes) -> None:
        """Send an error to a client before the connection is closed."""
        self.write(body)

    async def close(self) -> None:
        """Close the connection once everything has been written."""
        await self.bodies.aclose()
        with suppress(OSError):
            await self._writer.drain()
        self._writer.close()

    async def _read(self) -> bytes:
        if self._limit is None:
            return await self._reader.read(CHUNK)
        data = await self._reader.read(min(CHUNK, self._limit)) if self._limit else b""
        self._limit -= len(data)
        return data


async def _converse_over(connection: _Connection, server: Server, first: bytes) -> int:
    """The session of a client whose first message has been read."""
    server.protocol.connect(connection.write)
    server.protocol.receive(first)
    return await converse(server, connection.bodies)


async def opened(address: ListenAddress, opening: Awaitable[_Listener]) -> _Listener:
    """Await the opening of a port. Raises ConfigError if the port is taken or not permitted."""
    try:
        return await opening
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "unknown"
        where = f"{address.host}:{address.port}"
        raise ConfigError(f"Nothing can be served on {where}: {why}.") from None


class Clients:
    """Counts connected clients, so that the process can end with the last one."""

    def __init__(self) -> None:
        self._connected = 0
        self._exit_code = 0
        self._left = asyncio.Event()

    async def serve(self, session: Coroutine[Any, Any, int]) -> None:
        """Run the session of one client, which returns its exit code."""
        self._connected += 1
        try:
            self._exit_code = await session
        finally:
            self._connected -= 1
            if not self._connected:
                self._left.set()

    async def all_left(self) -> int:
        """Wait until at least one client came and all have left; returns the last exit code."""
        await self._left.wait()
        return self._exit_code


def announce(scheme: str, address: tuple[Any, ...], token: AccessToken) -> None:
    """Print the address, whose port the system may have chosen, and the token on stderr."""
    host, port = address[:2]
    shown = f"[{host}]" if ":" in host else host
    line = f"devstral-lsp listens on {scheme}://{shown}:{port}, token: {token.announcement}\n"
    sys.stderr.write(line)
    sys.stderr.flush()


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
