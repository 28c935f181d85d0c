"""Sends requests so that cancelling one, at any moment, leaves no connection and no stream behind.

httpcore 1.0.9 cleans up a connection when a cancellation meets it within an exchange. During a TLS
handshake, before the first byte of a request, while waiting for another request's handshake, or at
the end of a body it would leave the connection open, or unusable, for good; autocompletion cancels
most of its requests. So each request has a task of its own, which is cancelled only within the
exchange. A request cancelled earlier ends by itself once the connection stands, and sends nothing.

Over HTTP/2, httpcore 1.0.9 drops its own record of a stream that is closed early, but does not
reset the stream (encode/httpcore issues 943 and 1022; httpcore2 2.16 behaves alike). Without the
subclass below, a user would see three things: the server goes on generating, and billing, each
completion that was typed past; after 100 of them the connection refuses every request ("Max
outbound streams is 100"); and a request that is cancelled while it is written takes the connection
with it, since the rest of what was encrypted for it is never sent. No extension of httpcore gives
access to the connection's h2 state: the trace names the stream but not the connection, and a
RST_STREAM frame written to `network_stream` would leave h2 counting the stream. Thus this module,
and no other, replaces httpcore's class. If its private methods change, HTTP/2 is not used, and
`tests/providers/http/test_cancellation.py` fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar, cast

import httpcore
import httpx
from anyio import EndOfStream
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from httpcore._async import http2

with suppress(ImportError):  # which httpcore's first request imports otherwise, for 40 ms
    import_module("anyio._backends._asyncio")

_T = TypeVar("_T")

_CLOSING_S = 0.5
"""Handshakes mostly take less, and closing an editor should not take longer."""

_CONNECTING = ".connect_tcp.started"
_OPENED, _SECURED = ".connect_tcp.complete", ".start_tls.complete"
_BEGINS = ".send_request_headers.started"
_WAITS, _ANSWERED = ".receive_response_headers.started", ".receive_response_headers.complete"
_CLOSES = ".response_closed.started"
"""Names of httpcore's trace events, without the part of httpcore that they come from."""

_FLUSH_S = 1.0
_FLUSH = httpcore.Request("POST", "https://localhost/", extensions={"timeout": {"write": _FLUSH_S}})
"""httpcore reads the timeout of a write from a request; nothing else of this one is used."""

_UNMAPPED = (ProtocolError, EndOfStream)
"""What httpcore lets pass: of h2 while it reads a body or closes a stream, of anyio when a TLS
connection ends while it writes."""

_PRIVATE_METHODS = ("_response_closed", "_write_outgoing_data")


async def result_of(future: asyncio.Future[_T]) -> _T:
    """What `future` returns or raises; it goes on when its waiter is cancelled.

    From Python 3.14 on, asyncio.shield reports a failure that comes after that as an error of the
    program, on stderr.
    """
    future.add_done_callback(_mark_retrieved)
    await asyncio.wait((future,))
    return future.result()


def _mark_retrieved(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


class CancelSafeSender:
    """Sends requests, and finishes in the background what must not be interrupted.

    `silent_s` is how long requests have waited for a byte, one after another, since one came.
    """

    def __init__(self) -> None:
        self.connect_ms: float | None = None
        """How long the last connection took to open, TLS included; None if none has opened."""
        self.silent_s = 0.0
        self._background: set[asyncio.Future[Any]] = set()
        """References, since the event loop keeps none to its tasks."""

    async def send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body unread. Raises what httpx raises.

        The extension "is_kept" of a failed request says that its connection had been used before.
        """
        phases = _RequestPhases()
        request.extensions = {**request.extensions, "trace": phases.on_event}
        sending = asyncio.ensure_future(_send_once(client, request, phases))
        try:
            response = await result_of(sending)
        except asyncio.CancelledError:
            phases.is_cancelled = True
            if phases.is_in_exchange:
                self.silent_s += phases.waited_s
                sending.cancel()
            self._hold(sending).add_done_callback(self._close_unread)
            raise
        finally:
            self.connect_ms = phases.connect_ms or self.connect_ms
            request.extensions["is_kept"] = not phases.connected
        self.silent_s = 0.0
        body = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _FullyClosedStream(body, self)
        return response

    async def close(self) -> None:
        """Wait briefly for cancelled requests: a connection that opens later is never closed."""
        if self._background:
            await asyncio.wait(set(self._background), timeout=_CLOSING_S)

    def finish(self, step: Coroutine[Any, Any, _T]) -> asyncio.Future[_T]:
        """Run `step` to its end, even if its caller is cancelled."""
        return self._hold(asyncio.ensure_future(step))

    def _close_unread(self, sending: asyncio.Future[httpx.Response]) -> None:
        if not sending.cancelled() and sending.exception() is None:
            self.finish(sending.result().aclose())

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
        self.unused: httpcore.AsyncNetworkStream | None = None
        """The connection that was opened for the request, as long as it has sent nothing."""
        self._began_s = 0.0
        self._had_to_wait = False

    @property
    def waited_s(self) -> float:
        """Since the request was sent."""
        return time.perf_counter() - self._began_s

    async def on_event(self, event: str, info: Mapping[str, Any]) -> None:
        """Take a trace event.

        Raises CancelledError before a cancelled request is sent, and RemoteProtocolError if the
        head of the answer had come before: then it is the answer to something else.
        """
        if event.endswith(_CONNECTING):
            self.connected = True
            self._began_s = time.perf_counter()
        elif event.endswith((_OPENED, _SECURED)):
            self.connect_ms = self.waited_s * 1000
            self.unused = info["return_value"]
        elif event.endswith(_BEGINS):
            self.unused = None
            if self.is_cancelled:
                raise asyncio.CancelledError
            self.is_in_exchange = True
            self._began_s = time.perf_counter()
        elif event.endswith(_WAITS):
            # Reading from the network lets the event loop run; a head that was read with the
            # answer before, and is left over from it, is there at once.
            asyncio.get_running_loop().call_soon(self._waits)
        elif event.endswith(_ANSWERED):
            self.is_in_exchange = False
            if not self._had_to_wait and event.startswith("http11"):
                raise httpcore.RemoteProtocolError("an answer that was not asked for")
        elif event.endswith(_CLOSES):
            self.is_in_exchange = False

    def _waits(self) -> None:
        self._had_to_wait = True


async def _send_once(
    client: httpx.AsyncClient, request: httpx.Request, phases: _RequestPhases
) -> httpx.Response:
    """Send. A client that new settings have closed meanwhile counts as unreachable."""
    try:
        return await client.send(request, stream=True)
    except RuntimeError:
        if not client.is_closed:
            raise
        raise httpx.ConnectError("The client was closed.", request=request) from None
    except _UNMAPPED as error:
        raise httpx.RemoteProtocolError(type(error).__name__, request=request) from None
    finally:
        # httpcore closes a connection that fails while it opens, but not at a SOCKS proxy's reply.
        if phases.unused is not None:
            await phases.unused.aclose()


class _FullyClosedStream(httpx.AsyncByteStream):
    """A body whose closing runs to its end even if its reader is cancelled meanwhile."""

    def __init__(self, body: httpx.AsyncByteStream, sender: CancelSafeSender) -> None:
        self._body = body
        self._sender = sender

    async def __aiter__(self) -> AsyncIterator[bytes]:
        began_s = time.perf_counter()
        try:
            async for part in self._body:
                self._sender.silent_s = 0.0
                yield part
                began_s = time.perf_counter()
        except _UNMAPPED as error:
            raise httpx.RemoteProtocolError(type(error).__name__) from None
        except asyncio.CancelledError:
            self._sender.silent_s += time.perf_counter() - began_s
            raise

    async def aclose(self) -> None:
        await result_of(self._sender.finish(self._body.aclose()))


class _ResettingHTTP2Connection(http2.AsyncHTTP2Connection):
    """httpcore's connection, which also resets streams that are closed before their end, and does
    not break off what it writes.

    Over TLS, the peer cannot read what follows a record that was encrypted and not sent; nor, in
    HTTP/2, the headers that follow ones that it did not get.
    """

    async def _write_outgoing_data(self, request: httpcore.Request) -> None:
        """Write all that is to be written, for at most `_FLUSH_S` after a cancellation."""
        writing = asyncio.ensure_future(super()._write_outgoing_data(request))
        try:
            await result_of(writing)
        except asyncio.CancelledError:
            # The loop keeps the callback, and with it the task, which nothing else refers to.
            asyncio.get_running_loop().call_later(_FLUSH_S, writing.cancel)
            raise

    async def _response_closed(self, stream_id: int) -> None:
        stream = self._h2_state.streams.get(stream_id)
        if stream is not None and not stream.closed:
            with suppress(*_UNMAPPED, httpcore.NetworkError, httpcore.TimeoutException):
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
