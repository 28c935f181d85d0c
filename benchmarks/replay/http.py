"""Just enough HTTP/1.1 for a fake model: requests in, JSON or server-sent events out.

Knows nothing of models. A connection is kept open between requests, and `Exchange.stays` tells
at once when the client hangs up.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

REASONS = {200: "OK", 204: "No Content", 404: "Not Found", 422: "Unprocessable Entity"}


@dataclass(slots=True)
class Exchange:
    """One request and the way to answer it."""

    method: str
    path: str
    body: Any
    _reader: _Reader
    _writer: asyncio.StreamWriter

    async def stays(self, seconds: float) -> bool:
        """Lets the time pass; False, at once, when the client hangs up (or had)."""
        try:
            await asyncio.wait_for(self._reader.ended.wait(), max(0.0, seconds))
        except TimeoutError:
            return True
        return False

    async def send_json(self, value: object, status: int = 200) -> None:
        body = b"" if status == 204 else json.dumps(value).encode()
        await self._send(_head(status, "application/json", f"Content-Length: {len(body)}") + body)

    async def start_events(self) -> None:
        await self._send(_head(200, "text/event-stream", "Transfer-Encoding: chunked"))

    async def send_event(self, value: object) -> None:
        data = value if isinstance(value, str) else json.dumps(value)
        await self._send_chunk(f"data: {data}\n\n".encode())

    async def end_events(self) -> None:
        await self.send_event("[DONE]")
        await self._send_chunk(b"")

    async def _send_chunk(self, data: bytes) -> None:
        await self._send(b"%x\r\n%s\r\n" % (len(data), data))

    async def _send(self, data: bytes) -> None:
        if not self._reader.ended.is_set():
            self._writer.write(data)
            await self._writer.drain()


class _Reader(asyncio.StreamReader):
    """A stream reader that tells its end without being read."""

    def __init__(self) -> None:
        super().__init__(limit=1 << 24, loop=asyncio.get_running_loop())
        self.ended = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.ended.set()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.ended.set()


Answer = Callable[[Exchange], Awaitable[None]]


async def serve(answer: Answer, port: int = 0) -> asyncio.Server:
    """Listens on the loopback; `answer` is called for each request."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, _Reader)
        try:
            while (exchange := await _read(reader, writer)) is not None:
                await answer(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up: `answer` has seen it, there is nobody to tell
        finally:
            writer.close()

    def protocol() -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(_Reader(), connected)

    return await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port)


async def _read(reader: _Reader, writer: asyncio.StreamWriter) -> Exchange | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    if "chunked" in fields.get("transfer-encoding", ""):
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(fields.get("content-length", 0)))
    path = target.split("?")[0]
    return Exchange(method, path, json.loads(body) if body else None, reader, writer)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def _head(status: int, media_type: str, *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", f"Content-Type: {media_type}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
