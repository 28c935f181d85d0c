"""The connections to one endpoint, replaced once one of them broke or fell silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from devstral_lsp.providers.http.cancellation import CancelSafeSender, result_of

_NOT_CONNECTED = (
    *(httpx.ConnectError, httpx.ConnectTimeout),
    *(httpx.ProxyError, httpx.UnsupportedProtocol),
)
"""Failures before there was a connection."""


@dataclass(slots=True)
class _Pool:
    """The connections that are in use, and how many requests use them."""

    client: httpx.AsyncClient
    requests: int = 0


class Connections:
    """`create_client` opens a pool of them. One that says nothing for `silence_s` is not used again
    when the request that waits for it is cancelled."""

    def __init__(self, create_client: Callable[[], httpx.AsyncClient], silence_s: float) -> None:
        self._create_client = create_client
        self._silence_s = silence_s
        self._pool: _Pool | None = None
        self._sender = CancelSafeSender()
        self._is_closed = False
        self.kept_lost = 0
        """How many times a connection was given up that had been used before."""

    @property
    def connect_ms(self) -> float | None:
        """How long the last connection took to open, TLS included; None if none has opened."""
        return self._sender.connect_ms

    @asynccontextmanager
    async def exchange(
        self, method: str, url: httpx.URL, headers: httpx.Headers, content: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request, and close its answer. Raises what httpx raises."""
        pool = self._current()
        request = pool.client.build_request(method, url, content=content, headers=headers)
        pool.requests += 1
        try:
            response = await self._sender.send(pool.client, request)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            if not isinstance(error, _NOT_CONNECTED):
                self._give_up(pool, request)
            raise
        except asyncio.CancelledError:
            if self._sender.silent_s >= self._silence_s:
                self._give_up(pool, request)
            raise
        finally:
            pool.requests -= 1
            if pool is not self._pool and not pool.requests:
                await result_of(self._sender.finish(pool.client.aclose()))

    async def close(self) -> None:
        """Close all of them; open streams and later requests fail."""
        self._is_closed = True
        if self._pool is not None:
            await self._sender.close()
            await self._pool.client.aclose()
            self._pool = None

    def _current(self) -> _Pool:
        """Raises httpx.ConnectError after `close`: nothing would close a new connection."""
        if self._is_closed:
            raise httpx.ConnectError("The client was closed.")
        if self._pool is None:
            self._pool = _Pool(self._create_client())
        return self._pool

    def _give_up(self, pool: _Pool, request: httpx.Request) -> None:
        """Send nothing more over `pool`, which is closed once its requests are over."""
        if request.extensions.get("is_kept"):
            self.kept_lost += 1
        if pool is self._pool:
            self._pool = None
            self._sender.silent_s = 0.0
