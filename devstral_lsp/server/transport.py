"""Bytes in and out: standard input and output, or a port on the loopback.

Every connection has a `Server` of its own. On stdio the process ends with its one client; on a port
it ends when the last client has left. Knows nothing of what the messages say.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from devstral_lsp.errors import ConfigError
from devstral_lsp.server.frames import LARGEST_MESSAGE
from devstral_lsp.server.server import Server
from devstral_lsp.server.stdio import CHUNK, Stdio, bodies_of

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

_Listener = TypeVar("_Listener")

_LOCAL_PAGE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
"""Origins that may talk to our port. Any page on the web could open a WebSocket to the loopback."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port on this machine; port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Address:
        """`PORT` or `HOST:PORT`. Raises ConfigError for anything that is not the loopback."""
        host, _, port = text.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        if not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise ConfigError(f'"{text}" is not a port, nor a host and a port such as "2087".')
        if not _is_loopback(host):
            raise ConfigError(
                f'devstral-lsp serves on the loopback only, and "{host}" is another address: '
                "whoever reaches the port could use your key. Use an SSH tunnel to reach it from "
                "elsewhere."
            )
        return cls(host, int(port))


def serve_stdio() -> int:
    """Serve the one client on standard input and output; gives the process's exit code."""
    return asyncio.run(_stdio())


def serve_tcp(address: Address) -> int:
    """Serve clients on a TCP port; gives the exit code of the last one that left."""
    return asyncio.run(_tcp(address))


def serve_ws(address: Address) -> int:
    """The same over WebSocket, one message to a frame and no headers."""
    return asyncio.run(_ws(address))


class _Out:
    """Where pygls writes. A client that is gone ends the session, it does not raise."""

    def __init__(self, write: Callable[[bytes], Any], lost: Callable[[], None]) -> None:
        self._write = write
        self._lost = lost

    def write(self, data: bytes) -> None:
        try:
            self._write(data)
        except OSError:
            self._lost()

    def close(self) -> None:
        """The connection is closed by who opened it."""


async def _converse(server: Server, bodies: AsyncGenerator[bytes, None]) -> int:
    """Take messages until the client leaves, says `exit`, or its process ends."""
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
    server, stdio = Server(), Stdio.open()
    server.protocol.set_writer(_Out(stdio.out.write, server.end))
    try:
        return await _converse(server, stdio.bodies)
    finally:
        await stdio.out.close()


async def _tcp(address: Address) -> int:
    clients = _Clients()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with clients.one() as done:
            server = Server()
            server.protocol.set_writer(_Out(writer.write, server.end))
            done(await _converse(server, bodies_of(partial(reader.read, CHUNK))))
            with suppress(OSError):
                await writer.drain()
            writer.close()

    listener = await _at(address, asyncio.start_server(connected, address.host, address.port))
    async with listener:
        _announce("tcp", listener)
        return await clients.all_left()


async def _at(address: Address, opening: Awaitable[_Listener]) -> _Listener:
    """The open port. Raises ConfigError if it is taken, or not for us."""
    try:
        return await opening
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "unknown"
        where = f"{address.host}:{address.port}"
        raise ConfigError(f"Nothing can be served on {where}: {why}.") from None


async def _ws(address: Address) -> int:
    from websockets.asyncio.server import serve

    clients = _Clients()

    async def connected(websocket: ServerConnection) -> None:
        with clients.one() as done:
            done(await _converse_ws(websocket))

    opening = serve(
        connected,
        address.host,
        address.port,
        origins=[None, _LOCAL_PAGE],
        max_size=LARGEST_MESSAGE,
    )
    listener = await _at(address, opening)
    async with listener:
        _announce("ws", listener)
        return await clients.all_left()


async def _converse_ws(websocket: ServerConnection) -> int:
    """One client. Messages go out in the order in which they were written."""
    server = Server()
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
    sending = asyncio.ensure_future(_send(websocket, waiting))
    server.protocol.set_writer(_Out(waiting.put_nowait, server.end), include_headers=False)
    try:
        return await _converse(server, _from_websocket(websocket))
    finally:
        waiting.put_nowait(None)
        await asyncio.wait({sending})


async def _send(websocket: ServerConnection, waiting: asyncio.Queue[bytes | None]) -> None:
    from websockets.exceptions import ConnectionClosed

    with suppress(ConnectionClosed):
        while (message := await waiting.get()) is not None:
            await websocket.send(message, text=True)


async def _from_websocket(websocket: ServerConnection) -> AsyncGenerator[bytes, None]:
    from websockets.exceptions import ConnectionClosed

    with suppress(ConnectionClosed):
        while True:
            yield await websocket.recv(decode=False)


class _Clients:
    """Counts who is connected, so that the process can end with the last one."""

    def __init__(self) -> None:
        self._connected = 0
        self._exit_code = 0
        self._left = asyncio.Event()

    def one(self) -> _Clients:
        return self

    def __enter__(self) -> Callable[[int], None]:
        self._connected += 1
        return self._note

    def __exit__(self, *_: object) -> None:
        self._connected -= 1
        if not self._connected:
            self._left.set()

    async def all_left(self) -> int:
        """Wait until somebody came and nobody is left; gives the last one's exit code."""
        await self._left.wait()
        return self._exit_code

    def _note(self, exit_code: int) -> None:
        self._exit_code = exit_code


def _announce(scheme: str, listener: Any) -> None:
    """Say on stderr where we listen, which is the only way to learn a port that was chosen."""
    host, port = listener.sockets[0].getsockname()[:2]
    sys.stderr.write(f"devstral-lsp listens on {scheme}://{host}:{port}\n")
    sys.stderr.flush()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
