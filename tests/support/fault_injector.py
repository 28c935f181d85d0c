"""Stands between a client and a fake server on real sockets, and does what networks do.

It ends TLS and HTTP/2 itself, plays the proxy, and hands each request on to the fake, so that every
provider's fake can be reached over each of the wires. A fault strikes the connections that were
open when it began ("kept"), or those that come later too, at one phase of an exchange.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from tests.support.h2_server import CERTIFICATE
from tests.support.tunnels import NAME, OWN_CA, OWN_SERVER, Tunnel

Wire = Literal["http", "https", "h2", "proxy"]
"""The last is HTTP/1.1 over TLS, through a proxy's CONNECT."""
Phase = Literal["connect", "request", "head", "body"]
Kind = Literal[
    "silent", "close", "reset", "garbage", "oversized", "goaway", "no streams", "refused"
]

H1_FAULTS: tuple[tuple[Phase, Kind], ...] = (
    *(("connect", kind) for kind in ("silent", "close", "reset", "garbage")),
    *(("request", kind) for kind in ("silent", "close", "reset", "garbage")),
    *(("head", kind) for kind in ("silent", "close", "reset", "garbage")),
    *(("body", kind) for kind in ("silent", "close", "reset", "garbage")),
)  # type: ignore[assignment]
H2_FAULTS: tuple[tuple[Phase, Kind], ...] = (
    *(("connect", kind) for kind in ("silent", "close", "reset", "garbage", "no streams")),
    *(("request", kind) for kind in ("silent", "close", "reset", "garbage", "oversized")),
    *(("request", kind) for kind in ("goaway", "no streams", "refused")),
    *(("body", kind) for kind in ("silent", "close", "reset", "garbage", "oversized", "goaway")),
)  # type: ignore[assignment]
GARBAGE = b"\x00\xff junk \x15\r\n\r\n" * 20
OVERSIZED = b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + b"x" * 65536
"""The head of a frame of 16 MB, and some of it."""


def authority(wire: Wire) -> Path:
    """The certificate that a client must trust."""
    return OWN_CA if wire == "proxy" else CERTIFICATE


@dataclass(frozen=True, slots=True)
class Fault:
    """`phase` "connect" strikes before any byte is read. `only_kept` spares new connections."""

    phase: Phase
    kind: Kind
    only_kept: bool = False


class _Struck(Exception):
    """The connection is over."""


class FaultInjector(Tunnel):
    """A server in front of the one at `url`, over one wire."""

    def __init__(self, url: str, wire: Wire) -> None:
        super().__init__()
        self._target = urlsplit(url).port or 0
        self._wire = wire
        self._fault: Fault | None = None
        self._struck: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._inner_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._inner_tls.load_cert_chain(OWN_SERVER if wire == "proxy" else CERTIFICATE)
        self._inner_tls.set_alpn_protocols(["h2"] if wire == "h2" else ["http/1.1"])
        if wire in ("https", "h2"):
            self.tls = self._inner_tls

    @property
    def url(self) -> str:
        if self._wire == "proxy":
            return f"https://{NAME}"
        return f"{'http' if self._wire == 'http' else 'https'}://localhost:{self.port}"

    @property
    def proxy(self) -> str:
        """The address of the proxy to use, "" for none."""
        return f"http://127.0.0.1:{self.port}" if self._wire == "proxy" else ""

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def strike(self, fault: Fault | None) -> None:
        """From now on this happens; None lets everything pass on connections that come.

        A fault of connecting ends the connections that are open.
        """
        self._struck = set(self._open)
        self._fault = fault
        if fault is not None and fault.phase == "connect":
            for writer in tuple(self._open):
                writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._meet("connect", writer)
            if self._wire == "proxy":
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.start_tls(self._inner_tls)
            serve = self._serve_h2 if self._wire == "h2" else self._serve_h1
            await serve(reader, writer)
        except _Struck:
            pass
        finally:
            self._open.discard(writer)
            self._struck.discard(writer)

    async def _meet(self, phase: Phase, writer: asyncio.StreamWriter) -> Kind | None:
        """Do what the fault says at this phase. The result is a fault of HTTP/2, for who knows it.

        Raises _Struck once the connection is over.
        """
        fault = self._fault
        if fault is None or fault.phase != phase:
            return None
        if fault.only_kept and writer not in self._struck:
            return None
        if fault.kind == "silent":
            await asyncio.Event().wait()
        if fault.kind == "reset":
            linger = struct.pack("ii", 1, 0)
            tcp = writer.get_extra_info("socket")
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        if fault.kind in ("garbage", "oversized"):
            writer.write(GARBAGE if fault.kind == "garbage" else OVERSIZED)
            await writer.drain()
            # It stays open: what was sent must be enough for the client to give it up.
            await asyncio.Event().wait()
        if fault.kind in ("close", "reset"):
            raise _Struck
        return fault.kind

    # HTTP/1.1

    async def _serve_h1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await _read_request(reader)
            await self._meet("request", writer)
            head, _, body = (await self._ask(request)).partition(b"\r\n\r\n")
            half = len(head) // 2
            writer.write(head[:half])
            await writer.drain()
            await self._meet("head", writer)
            writer.write(head[half:] + b"\r\n\r\n" + body[: len(body) // 2])
            await writer.drain()
            await self._meet("body", writer)
            writer.write(body[len(body) // 2 :])
            await writer.drain()

    async def _ask(self, request: bytes) -> bytes:
        """The fake's whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            writer.write(request)
            return await _read_answer(reader)
        finally:
            writer.transport.abort()

    # HTTP/2

    async def _serve_h2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        h2 = H2Connection(H2Configuration(client_side=False))
        fault = self._fault
        h2.initiate_connection()
        if fault is not None and fault.kind == "no streams" and not fault.only_kept:
            h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 0})
        writer.write(h2.data_to_send())
        heads: dict[int, Mapping[bytes, bytes]] = {}
        bodies: dict[int, bytearray] = {}
        while data := await reader.read(65536):
            try:
                events = h2.receive_data(data)
            except ProtocolError:  # h2 has put its GOAWAY among what is to be sent
                writer.write(h2.data_to_send())
                await writer.drain()
                return
            for event in events:
                if isinstance(event, RequestReceived):
                    heads[event.stream_id] = dict(event.headers)
                    bodies[event.stream_id] = bytearray()
                elif isinstance(event, DataReceived):
                    bodies[event.stream_id] += event.data
                    h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, StreamEnded):
                    request = _as_h1(heads[event.stream_id], bytes(bodies[event.stream_id]))
                    await self._answer_h2(h2, event.stream_id, request, writer)
            writer.write(h2.data_to_send())
            await writer.drain()

    async def _answer_h2(
        self, h2: H2Connection, stream: int, request: bytes, writer: asyncio.StreamWriter
    ) -> None:
        fault = self._fault
        if fault == Fault("connect", "no streams"):
            return h2.reset_stream(stream, error_code=7)
        if not await self._meet_h2("request", h2, stream, writer):
            return
        head, _, rest = (await self._ask(request)).partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = [(name.lower(), value.strip()) for name, _, value in _split(lines[1:])]
        kept = [each for each in fields if each[0] not in ("transfer-encoding", "connection")]
        h2.send_headers(stream, [(":status", lines[0].split()[1]), *kept])
        chunked = ("transfer-encoding", "chunked") in fields
        body = _unchunked(rest) if chunked else rest
        h2.send_data(stream, body[: len(body) // 2])
        writer.write(h2.data_to_send())
        await writer.drain()
        if await self._meet_h2("body", h2, stream, writer):
            h2.send_data(stream, body[len(body) // 2 :], end_stream=True)

    async def _meet_h2(
        self, phase: Phase, h2: H2Connection, stream: int, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the answer goes on."""
        kind = await self._meet(phase, writer)
        if kind == "goaway":
            h2.close_connection(error_code=0, last_stream_id=0)
        elif kind == "no streams":
            h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 0})
            h2.reset_stream(stream, error_code=7)
        elif kind == "refused":
            h2.reset_stream(stream, error_code=7)
        return kind is None


def _split(lines: list[str]) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in lines]


def _as_h1(head: Mapping[bytes, bytes], body: bytes) -> bytes:
    fields = [(name, value) for name, value in head.items() if not name.startswith(b":")]
    lines = [b"%b %b HTTP/1.1" % (head[b":method"], head[b":path"]), b"host: fake"]
    lines += [b"%b: %b" % each for each in fields if each[0] not in (b"host", b"content-length")]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body])


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(_length(head) or 0)


async def _read_answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _length(head)
    if length is not None:
        return head + await reader.readexactly(length)
    whole = head
    while not whole.endswith(b"\r\n0\r\n\r\n"):
        piece: Any = await reader.read(65536)
        if not piece:
            break
        whole += piece
    return whole


def _length(head: bytes) -> int | None:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return None


def _unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        found, body = found + body[:length], body[length + 2 :]
    return found
