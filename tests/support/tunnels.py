"""What stands between a client and a fake server on real sockets: a TLS front, a gate, a proxy.

All only pass bytes on; the fake behind them answers. `Proxy` is a CONNECT proxy that knows names
no resolver knows, so that a request that gets through has come through it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

CERTIFICATES = Path(__file__).parent / "tls"
OWN_CA = CERTIFICATES / "own_ca.pem"
OWN_SERVER = CERTIFICATES / "own_server.pem"
CLIENT = CERTIFICATES / "client.pem"
CLIENT_KEY = CERTIFICATES / "client_plain.key"
LOCKED_KEY = CERTIFICATES / "client_locked.key"
PASSWORD = "open-sesame"
NAME = "endpoint.test"


class Tunnel:
    """A server that hands each connection on. `port` is where it listens."""

    tls: ssl.SSLContext | None = None

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(3):  # turns in which aborted connections close, TLS and then TCP
            await asyncio.sleep(0)

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.serve(reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class TlsFront(Tunnel):
    """TLS in front of the server at `url`. With `wants_client` only a certificate opens it."""

    def __init__(
        self, url: str, *, wants_client: bool = False, certificate: Path = OWN_SERVER
    ) -> None:
        super().__init__()
        self._target = urlsplit(url).port or 0
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(certificate)
        if wants_client:
            self.tls.load_verify_locations(OWN_CA)
            self.tls.verify_mode = ssl.CERT_REQUIRED

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _join(reader, writer, self._target)


class Gate(Tunnel):
    """Takes connections for the server at `url`, and passes nothing on until `opened` is set."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.reached = asyncio.Event()
        self._target = urlsplit(url).port or 0

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached.set()
        await self.opened.wait()
        await _join(reader, writer, self._target)


class Proxy(Tunnel):
    """A CONNECT proxy. `names` maps "host:port" to ports of this machine; others get `refusal`."""

    def __init__(self, names: Mapping[str, int], *, refusal: str = "502 Bad Gateway") -> None:
        super().__init__()
        self._refusal = refusal
        self.asked: list[str] = []
        self.heads: list[str] = []
        """All that it was told in the clear."""
        self._names = names

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, name, _ = head.split(" ", 2)
        self.asked.append(name)
        self.heads.append(head)
        if method != "CONNECT" or name not in self._names:
            writer.write(f"HTTP/1.1 {self._refusal}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join(reader, writer, self._names[name])


class SocksProxy(Proxy):
    """A SOCKS 5 proxy without a password, which resolves names itself."""

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        await reader.readexactly(4)  # version, CONNECT, reserved, and 3 for a name
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode()
        name = f"{host}:{int.from_bytes(await reader.readexactly(2), 'big')}"
        self.asked.append(name)
        known = name in self._names
        writer.write(bytes((5, 0 if known else 4, 0, 1, 127, 0, 0, 1, 0, 0)))
        if known:
            await _join(reader, writer, self._names[name])


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Pass bytes both ways until either side has enough."""
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    ways = [
        asyncio.ensure_future(_pump(reader, inner_writer)),
        asyncio.ensure_future(_pump(inner_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        inner_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
