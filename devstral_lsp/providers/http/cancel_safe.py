"""Sends requests so that whoever gives one up, at whatever moment, leaves no connection behind.

httpcore 1.0.9 puts a connection in order where a cancellation meets it within an exchange. In a TLS
handshake, before the first byte of a request, while it waits for the handshake of another, or at
the end of a body it would leave one open, or unusable, for good; an autocomplete cancels most of
its requests. So a request has a task of its own, which is cancelled within the exchange alone:
given up before, it ends by itself once the connection stands, and has sent nothing. Knows neither
addresses nor what is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar, cast

import httpx

_T = TypeVar("_T")

_CLOSING_S = 0.5
"""A handshake needs less as a rule; who closes an editor does not wait for more."""

_CONNECTING = "connection.connect_tcp.started"
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
_BEGINS = ".send_request_headers.started"
_ENDS = (".receive_response_headers.complete", ".response_closed.started")
"""What httpcore calls its steps; the last two stand behind the protocol's name."""


class CancelSafeSender:
    """Sends with whichever client it is given, and sees through what must not be broken off."""

    def __init__(self) -> None:
        self.connect_ms: float | None = None
        """How long the last connection took to open, TLS included; None if none has opened."""
        self._left: set[asyncio.Future[Any]] = set()
        """What ends by itself, though nobody waits for it. A task that is not held may vanish."""

    async def send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body unread. Raises what httpx raises."""
        steps = _RequestPhases()
        request.extensions = {**request.extensions, "trace": steps.take}
        sending = asyncio.ensure_future(_send(client, request, steps))
        try:
            response = await asyncio.shield(sending)
        except asyncio.CancelledError:
            steps.given_up = True
            if steps.in_exchange:
                sending.cancel()
            self._hold(sending).add_done_callback(self._close_unread)
            raise
        finally:
            self.connect_ms = steps.connect_ms or self.connect_ms
        body = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _FullyClosedStream(body, self._hold)
        return response

    async def close(self) -> None:
        """Wait a little for what was given up: a client closed before forgets what opens then."""
        if self._left:
            await asyncio.wait(set(self._left), timeout=_CLOSING_S)

    def _close_unread(self, sending: asyncio.Future[httpx.Response]) -> None:
        if not sending.cancelled() and sending.exception() is None:
            self._hold(asyncio.ensure_future(sending.result().aclose()))

    def _hold(self, future: asyncio.Future[_T]) -> asyncio.Future[_T]:
        self._left.add(future)
        future.add_done_callback(self._left.discard)
        return future


class _RequestPhases:
    """How far a request has come, as httpcore tells while it is on its way."""

    def __init__(self) -> None:
        self.connected = False
        self.connect_ms: float | None = None
        self.given_up = False
        self.in_exchange = False
        self._began_s = 0.0

    async def take(self, event: str, _: Mapping[str, Any]) -> None:
        """Raises CancelledError where a request that was given up would begin to be sent."""
        if event == _CONNECTING:
            self.connected = True
            self._began_s = time.perf_counter()
        elif event in _CONNECTED:
            self.connect_ms = (time.perf_counter() - self._began_s) * 1000
        elif event.endswith(_BEGINS):
            if self.given_up:
                raise asyncio.CancelledError
            self.in_exchange = True
        elif event.endswith(_ENDS):
            self.in_exchange = False


async def _send(
    client: httpx.AsyncClient, request: httpx.Request, steps: _RequestPhases
) -> httpx.Response:
    """Send, once more if the kept connection turns out to have been closed by the peer."""
    try:
        return await _send_once(client, request)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if steps.connected:
            raise
        return await _send_once(client, request)


async def _send_once(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send. A client that new settings closed meanwhile is like a host that cannot be reached."""
    try:
        return await client.send(request, stream=True)
    except RuntimeError:
        if not client.is_closed:
            raise
        raise httpx.ConnectError("The client was closed.", request=request) from None


class _FullyClosedStream(httpx.AsyncByteStream):
    """A body that is closed to the end, whether or not its reader is cancelled meanwhile."""

    def __init__(
        self,
        body: httpx.AsyncByteStream,
        hold: Callable[[asyncio.Future[None]], asyncio.Future[None]],
    ) -> None:
        self._body = body
        self._hold = hold

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            yield part

    async def aclose(self) -> None:
        await asyncio.shield(self._hold(asyncio.ensure_future(self._body.aclose())))
