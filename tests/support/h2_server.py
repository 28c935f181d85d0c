"""A server that offers HTTP/2 over TLS and answers every request with one fixed event stream.

Small on purpose: it shows that the client takes HTTP/2 and how it cancels there. Its certificate
(`tls/localhost.pem`, for this machine only, key included) is trusted through SSL_CERT_FILE.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import StreamClosedError

CERTIFICATE = Path(__file__).parent / "tls" / "localhost.pem"


class H2Server:
    """`pieces` are sent at once; the stream is left open if `ends` is False."""

    def __init__(self, pieces: list[bytes], *, ends: bool = True) -> None:
        self.url = ""
        self.connections = 0
        self.requests: list[dict[bytes, bytes]] = []
        self.arrived = asyncio.Event()
        self.reset = asyncio.Event()
        self._pieces = pieces
        self._ends = ends
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE)
        context.set_alpn_protocols(["h2", "http/1.1"])
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0, ssl=context)
        self.url = f"https://localhost:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        h2 = H2Connection(H2Configuration(client_side=False))
        h2.initiate_connection()
        writer.write(h2.data_to_send())
        while data := await _some(reader):
            for event in h2.receive_data(data):
                with suppress(StreamClosedError):  # the reset came together with the request
                    self._take(h2, event)
            writer.write(h2.data_to_send())

    def _take(self, h2: H2Connection, event: object) -> None:
        if isinstance(event, RequestReceived):
            self.requests.append(dict(event.headers))
            self.arrived.set()
        elif isinstance(event, DataReceived):
            h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            head = [(":status", "200"), ("content-type", "text/event-stream")]
            h2.send_headers(event.stream_id, head)
            for piece in self._pieces:
                h2.send_data(event.stream_id, piece)
            if self._ends:
                h2.end_stream(event.stream_id)
        elif isinstance(event, StreamReset):
            self.reset.set()


async def _some(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except ConnectionError:
        return b""
