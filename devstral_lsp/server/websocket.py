"""Serves on a WebSocket on the loopback: one message per frame, without headers.

Any web page can open a WebSocket to the loopback. So the user must have named the page's origin,
the Host header must name the loopback, which defeats DNS rebinding, and the client must present the
token: in the Authorization header, in the URL, which is all that a page can set, or in `initialize`
as over TCP.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Collection, MutableMapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server as Listener
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.errors import ConfigError
from devstral_lsp.server.admission import (
    AUTHENTICATION_S,
    MAX_BYTES_BEFORE,
    AccessToken,
    Admission,
    take_token,
)
from devstral_lsp.server.framing import MAX_MESSAGE_BYTES
from devstral_lsp.server.routes import create_server
from devstral_lsp.server.server import Server
from devstral_lsp.server.transport import (
    Clients,
    ListenAddress,
    announce,
    converse,
    is_loopback,
    opened,
)

_CLOSE_S = 2.0
"""How long a client may take to close the connection. Messages from then on are dropped."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#@]+")
"""The Origin header of browsers: a scheme, a host, and a port unless it is the default one."""


def serve_ws(
    address: ListenAddress,
    origins: Collection[str] = (),
    environ: MutableMapping[str, str] = os.environ,
) -> int:
    """Serve clients on a WebSocket that present the token of `take_token(environ)`; returns the
    exit code of the last one that left.

    Pages from `origins` may connect, such as "http://localhost:3000", and no others. Raises
    ConfigError for what is no origin.
    """
    allowed = frozenset(map(_origin, origins))
    return run_loop(_ws(address, allowed, take_token(environ)))


def _origin(named: str) -> str:
    origin = named.lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise ConfigError(
            f'"{named}" is not an origin, such as "http://localhost:3000". An origin has to be '
            'named in full; "*" and "null", which any page can be, are not allowed.'
        )
    return origin


async def _ws(address: ListenAddress, origins: Collection[str], token: AccessToken) -> int:
    clients, admission = Clients(), Admission(token)

    class Connection(ServerConnection):
        """Counts as unauthenticated from the start."""

        is_admitted = False
        _place: object = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self._place = admission.enter(self.transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            admission.leave(self._place)
            super().connection_lost(exc)

        def admit(self) -> None:
            """Call this when the client has presented the token."""
            self.is_admitted = True
            self.protocol.max_message_size = MAX_MESSAGE_BYTES
            admission.leave(self._place)

    async def requested(connection: ServerConnection, request: Request) -> Response | None:
        refusal = _refusal_of_page(request, origins)
        if refusal:
            return connection.respond(HTTPStatus.FORBIDDEN, refusal)
        presented = _token_in(request)
        if presented is None:
            return None
        if refusal := await admission.refusal(presented):
            return connection.respond(HTTPStatus.UNAUTHORIZED, f"{refusal}\n")
        assert isinstance(connection, Connection)
        connection.admit()
        return None

    async def connected(connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)
        first = None
        if not connection.is_admitted:
            first = await admission.first_message(
                partial(_received, connection), partial(_sent, connection)
            )
            if first is None:
                return
            connection.admit()
        await clients.serve(_converse(connection, create_server([token.secret]), first))

    opening: Any = serve(
        connected,
        address.host,
        address.port,
        process_request=requested,
        create_connection=Connection,
        compression=None,  # of no use on the loopback, and open to decompression bombs
        open_timeout=AUTHENTICATION_S,
        close_timeout=_CLOSE_S,
        max_size=MAX_BYTES_BEFORE,
    )
    listener: Listener = await opened(address, opening)
    async with listener:
        announce("ws", next(iter(listener.sockets)).getsockname(), token)
        try:
            return await clients.all_left()
        finally:
            admission.close()


def _refusal_of_page(request: Request, origins: Collection[str]) -> str:
    """Why the request is refused; "" if it is not."""
    hosts, pages = request.headers.get_all("Host"), request.headers.get_all("Origin")
    if len(hosts) != 1 or not _is_loopback_authority(hosts[0]):
        return "The Host header must name the loopback, such as localhost or 127.0.0.1.\n"
    if len(pages) > 1 or any(each.lower() not in origins for each in pages):
        return (
            "This origin may not connect. Start the server with --allow-origin ORIGIN for the page "
            "that may.\n"
        )
    return ""


def _is_loopback_authority(authority: str) -> bool:
    """Whether a Host header names the loopback, with any port: a tunnel may use another one."""
    try:
        split = urlsplit(f"//{authority}")
        return (
            split.netloc == authority
            and split.username is None
            and split.port != 0
            and is_loopback(split.hostname or "")
        )
    except ValueError:
        return False


def _token_in(request: Request) -> str | None:
    """The token in the request, right or wrong; None if there is none."""
    for value in request.headers.get_all("Authorization"):
        scheme, _, token = value.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""
    in_address = parse_qs(urlsplit(request.path).query, keep_blank_values=True).get("token")
    return in_address[0] if in_address else None


async def _converse(connection: ServerConnection, server: Server, first: bytes | None) -> int:
    """The session of one client. Messages are sent in the order in which they were written."""
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def send_waiting() -> None:
        while (message := await waiting.get()) is not None:
            await _sent(connection, message)

    sending = asyncio.ensure_future(send_waiting())
    server.protocol.connect(waiting.put_nowait)
    if first is not None:
        server.protocol.receive(first)
    try:
        return await converse(server, _bodies(connection))
    finally:
        waiting.put_nowait(None)
        await asyncio.wait({sending})


async def _sent(connection: ServerConnection, message: bytes) -> None:
    with suppress(ConnectionClosed):
        await connection.send(message, text=True)


async def _bodies(connection: ServerConnection) -> AsyncGenerator[bytes, None]:
    while (body := await _received(connection)) is not None:
        yield body


async def _received(connection: ServerConnection) -> bytes | None:
    """The next message; None if the connection is closed."""
    with suppress(ConnectionClosed):
        return await connection.recv(decode=False)
    return None
