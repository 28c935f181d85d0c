"""Finds the connections that httpcore has lost: open, marked as in use, and used by no request.

httpcore 1.0.9 shields its steps from cancellation under trio only. Under asyncio a request that is
cancelled between two of them (its connection just opened, or just chosen) is forgotten while the
connection stays in the pool, open and never idle, until the pool is full and nothing can be
asked any more. An autocomplete cancels most of its requests. Like `http2.py`, this reaches into
httpcore; where its inside has changed, nothing is found.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpcore
import httpx


def take_lost(client: httpx.AsyncClient) -> list[httpcore.AsyncConnectionInterface]:
    """Take the lost connections out of the client's pools; the caller closes them."""
    return [connection for pool in _pools(client) for connection in _take_lost(pool)]


def _take_lost(pool: httpcore.AsyncConnectionPool) -> list[httpcore.AsyncConnectionInterface]:
    used = [request.connection for request in pool._requests]
    lost = [
        connection
        for connection in pool.connections
        if connection not in used and not (connection.is_idle() or connection.is_closed())
    ]
    for connection in lost:
        pool._connections.remove(connection)
    return lost


def _pools(client: httpx.AsyncClient) -> Iterator[httpcore.AsyncConnectionPool]:
    mounted = getattr(client, "_mounts", {}).values()
    for transport in (getattr(client, "_transport", None), *mounted):
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.AsyncConnectionPool) and hasattr(pool, "_requests"):
            yield pool
