"""Sends requests so that cancelling one, at any moment, leaves no connection and no stream behind.

httpcore 1.0.9 cleans up a connection when a cancellation meets it within an exchange. During a TLS
handshake, before the first byte of a request, while waiting for another request's handshake, or at
the end of a body it would leave the connection open, or unusable, for good; autocompletion cancels
most of its requests. So each request has a task of its own, which is cancelled only within the
exchange. A request cancelled earlier ends by itself once the connection stands, and sends nothing.

Over HTTP/2, httpcore 1.0.9 drops its own record of a stream that is closed early, but does not
reset the stream (encode/httpcore issues 943 and 1022; httpcore2 2.16 behaves alike). Without the
subclass below, a user would see two things: the server goes on generating, and billing, each
completion that was typed past; and after 100 of them the connection refuses every request ("Max
outbound streams is 100"). No extension of httpcore gives access to the connection's h2 state: the
trace names the stream but not the connection, and a RST_STREAM frame written to `network_stream`
would leave h2 counting the stream. Thus this module, and no other, replaces httpcore's class. If
its private methods change, HTTP/2 is not used, and `tests/providers/http/test_cancellation.py`
fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar, cast

import httpcore
import httpx
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from httpcore._async import http2

_T = TypeVar("_T")

_CLOSING_S = 0.5
"""Handshakes mostly take less, and closing an editor should not take longer."""

_CONNECTING = "connection.connect_tcp.started"
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
_BEGINS = ".send_request_headers.started"
_ENDS = (".receive_response_headers.complete", ".response_closed.started")
"""Names of httpcore's trace events; the last two follow the protocol's name."""

_FLUSH_S = 1.0
_FLUSH = httpcore.Request("POST", "https://localhost/", extensions={"timeout": {"write": _FLUSH_S}})
"""httpcore reads the timeout of a write from a request; nothing else of this one is used."""

_PRIVATE_METHODS = ("_response_closed", "_write_outgoing_data")


class CancelSafeSender:
    """Sends requests, and finishes in the background what must not be interrupted."""

    def __init__(self) -> None:
        self.connect_ms: float | None = None
        """How long the last connection took to open, TLS included; None if none has opened."""
        self._background: set[asyncio.Future[Any]] = set()
        """References, since the event loop keeps none to its tasks."""

    async def send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body unread. Raises what httpx raises."""
        phases = _RequestPhases()
        request.extensions = {**request.extensions, "trace": phases.on_event}
        sending = asyncio.ensure_future(_send(client, request, phases))
        try:
            response = await asyncio.shield(sending)
        except asyncio.CancelledError:
            phases.is_cancelled = True
            if phases.is_in_exchange:
                sending.cancel()
            self._hold(sending).add_done_callback(self._close_unread)
            raise
        finally:
            self.connect_ms = phases.connect_ms or self.connect_ms
        body = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _FullyClosedStream(body, self._hold)
        return response

    async def close(self) -> None:
        """Wait briefly for cancelled requests: a connection that opens later is never closed."""
        if self._background:
            await asyncio.wait(set(self._background), timeout=_CLOSING_S)

    def _close_unread(self, sending: asyncio.Future[httpx.Response]) -> None:
        if not sending.cancelled() and sending.exception() is None:
            self._hold(asyncio.ensure_future(sending.result().aclose()))

    def _hold(self, future: asyncio.Future[_T]) -> asyncio.Future[_T]:
        self._background.add(future)
        future.add_done_callback(self._background.discard)
        return future


class _RequestPhases:
    """How far a request has come, according to httpcore's trace events."""

    def __init__(self) -> None:
        self.connected = False
        self.connect_ms: float | None = None
        self.is_cancelled = False
        self.is_in_exchange = False
        self._began_s = 0.0

    async def on_event(self, event: str, _: Mapping[str, Any]) -> None:
        """Take a trace event. Raises CancelledError before a cancelled request is sent."""
        if event == _CONNECTING:
            self.connected = True
            self._began_s = time.perf_counter()
        elif event in _CONNECTED:
            self.connect_ms = (time.perf_counter() - self._began_s) * 1000
        elif event.endswith(_BEGINS):
            if self.is_cancelled:
                raise asyncio.CancelledError
            self.is_in_exchange = True
        elif event.endswith(_ENDS):
            self.is_in_exchange = False


async def _send(
    client: httpx.AsyncClient, request: httpx.Request, phases: _RequestPhases
) -> httpx.Response:
    """Send, and once more if the peer had closed the kept-alive connection."""
    try:
        return await _send_once(client, request)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if phases.connected:
            raise
        return await _send_once(client, request)


async def _send_once(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send. A client that new settings have closed meanwhile counts as unreachable."""
    try:
        return await client.send(request, stream=True)
    except RuntimeError:
        if not client.is_closed:
            raise
        raise httpx.ConnectError("The client was closed.", request=request) from None


class _FullyClosedStream(httpx.AsyncByteStream):
    """A body whose closing runs to its end even if its reader is cancelled meanwhile."""

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


class _ResettingHTTP2Connection(http2.AsyncHTTP2Connection):
    """httpcore's connection, which also resets streams that are closed before their end."""

    async def _response_closed(self, stream_id: int) -> None:
        stream = self._h2_state.streams.get(stream_id)
        if stream is not None and not stream.closed:
            with suppress(ProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
                self._h2_state.reset_stream(stream_id, ErrorCodes.CANCEL)
                await self._write_outgoing_data(_FLUSH)
        await super()._response_closed(stream_id)


def install_stream_reset() -> bool:
    """Make httpcore use our connection class; False if its private methods have changed."""
    theirs = http2.AsyncHTTP2Connection
    if not all(hasattr(theirs, name) for name in _PRIVATE_METHODS):
        return False
    # httpcore looks this name up whenever it opens a connection.
    http2.AsyncHTTP2Connection = _ResettingHTTP2Connection  # type: ignore[misc]
    return True
