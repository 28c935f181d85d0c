"""A fake model server over a real socket, answering by script, in whatever wire a subclass speaks.

The HTTP is written by hand on asyncio streams, so that an answer can be cut, split, reset or left
hanging at any byte. What its paths are and how an answer looks there is for the subclasses:
`fake_mistral.py`, `fake_openai.py`, `fake_ollama.py`, `fake_llamacpp.py`, `fake_tgi.py`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from tests.support.answers import Answer, failure

STREAMS = ("text/event-stream", "application/x-ndjson")


@dataclass(slots=True)
class Received:
    """One request as it came. `connection` numbers the sockets; times are `time.monotonic()`."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    connection: int
    arrived_s: float
    answered: bool = False
    hung_up_s: float | None = None
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)


Script = Callable[[Received], Answer]


class FakeServer:
    """The server. `script` is a queue of answers (then the default one) or a function.

    `key=None` lets everybody in. The script answers the requests to `completion_paths`.
    """

    completion_paths: tuple[str, ...] = ()

    def __init__(
        self,
        script: Script | Iterable[Answer] = (),
        *,
        key: str | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.received: list[Received] = []
        self.scripted: list[Received] = []
        """The requests that the script has answered."""
        self.connections = 0
        self.script = script if callable(script) else _queue(script)
        self._key = key
        self._sleep = sleep
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    def respond(self, request: Received) -> Answer:
        """What is answered to a request that may be made: by route, or by `self.script`."""
        raise NotImplementedError

    def render(
        self, answer: Answer, request: Received, pieces: Sequence[str]
    ) -> tuple[list[bytes], str]:
        """A completion in this server's wire: its parts, and its content type."""
        raise NotImplementedError

    def refuse_key(self) -> Answer:
        return failure(401, {"detail": "Unauthorized"})

    def pieces(self, answer: Answer, request: Received) -> list[str]:
        """The text that is given, ended by the request's stop strings."""
        return until_stop(answer.text, stops_of(request.body))

    async def start(self, port: int = 0) -> None:
        """Listen on the loopback; afterwards `url` is its address without `/v1`."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def say(self, request: Received) -> Answer:
        """What the script answers."""
        self.scripted.append(request)
        self._news.set()
        return self.script(request)

    def answer_always(self, answer: Answer) -> None:
        """From now on, this is the answer to whatever the script is asked."""
        self.script = lambda _: answer

    @property
    def completions(self) -> list[Received]:
        """The requests for completions, questions about the server among them."""
        return [request for request in self.received if request.path in self.completion_paths]

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._tasks)

    async def arrival(self, count: int = 1) -> Received:
        """The request that makes `count` of them, once it is there."""
        while len(self.received) < count:
            self._news.clear()
            await self._news.wait()
        return self.received[count - 1]

    async def question(self) -> Received:
        """The first request that the script has to answer, once it is there."""
        while not self.scripted:
            self._news.clear()
            await self._news.wait()
        return self.scripted[0]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._converse(reader, writer, self.connections))
        # A task that is cancelled before its first step closes nothing.
        task.add_done_callback(lambda _: writer.close())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        ahead: bytes | None = b""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while ahead is not None:
                request = await _read_request(reader, connection, ahead)
                self.received.append(request)
                self._news.set()
                ahead = await self._serve(request, reader, writer)

    async def _serve(
        self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        """Answer while watching for the client to leave.

        The result is what was read of the next request, None if the connection is over.
        """
        speak = asyncio.ensure_future(self._speak(request, writer))
        watch = asyncio.ensure_future(_next_byte(reader))
        try:
            await asyncio.wait({speak, watch}, return_when=asyncio.FIRST_COMPLETED)
            if _is_gone(speak, watch):
                request.hung_up_s = time.monotonic()
                request.hung_up.set()
                return None
            lives_on = await speak
            ahead = watch.result() if watch.done() else b""
            return ahead if lives_on else None
        finally:
            for task in (speak, watch):
                task.cancel()
            await asyncio.gather(speak, watch, return_exceptions=True)

    async def _speak(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        answer = self._answer(request)
        await self._pause(answer.first_ms)
        if answer.headless:
            return await _finish(answer, writer)
        parts, kind = self._body(answer, request)
        chunked = kind in STREAMS
        writer.write(_head(answer, kind, None if chunked else sum(map(len, parts))))
        if not await self._send(answer, parts, chunked, writer):
            return await _finish(answer, writer)
        if chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        request.answered = True
        return True

    async def _send(
        self, answer: Answer, parts: Sequence[bytes], chunked: bool, writer: asyncio.StreamWriter
    ) -> bool:
        """Write the body; False if the answer's end is due."""
        left = sum(map(len, parts)) if answer.after_bytes is None else answer.after_bytes
        for number, part in enumerate(parts):
            if number:
                await self._pause(answer.between_ms)
            for piece in _split(part[:left], answer.split_bytes):
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                await writer.drain()
                if answer.split_bytes:
                    await asyncio.sleep(0)
            left -= len(part[:left])
        return answer.end == "clean"

    async def _pause(self, duration_ms: float) -> None:
        if duration_ms:
            await self._sleep(duration_ms / 1000)

    def _answer(self, request: Received) -> Answer:
        if self._key is not None and request.headers.get("authorization") != f"Bearer {self._key}":
            return self.refuse_key()
        return self.respond(request)

    def _body(self, answer: Answer, request: Received) -> tuple[list[bytes], str]:
        """The body in the parts it is written in, and its content type."""
        if answer.raw is not None:
            return [answer.raw], answer.content_type or "text/event-stream"
        if answer.body is not None:
            return [json.dumps(answer.body).encode()], answer.content_type or "application/json"
        parts, kind = self.render(answer, request, self.pieces(answer, request))
        return parts, answer.content_type or kind


def _queue(answers: Iterable[Answer]) -> Script:
    waiting = deque(answers)
    return lambda _: waiting.popleft() if waiting else Answer()


def _is_gone(speak: asyncio.Task[bool], watch: asyncio.Task[bytes]) -> bool:
    """Whether the client left before the answer was out, seen from either side."""
    if speak.done():
        return isinstance(speak.exception(), ConnectionError)
    return not watch.result()


async def _next_byte(reader: asyncio.StreamReader) -> bytes:
    """b"" once the client is gone, whether it closed in peace or with our bytes unread."""
    try:
        return await reader.read(1)
    except ConnectionError:
        return b""


async def _read_request(reader: asyncio.StreamReader, connection: int, ahead: bytes) -> Received:
    head = (ahead + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    body = json.loads(raw) if raw else None
    path = target.split("?", 1)[0]
    return Received(method, path, headers, body, connection, time.monotonic())


def stops_of(body: Mapping[str, Any]) -> Sequence[str]:
    """The stop strings of a request, wherever its wire keeps them."""
    inner = body.get("options") or body.get("parameters") or body
    return inner.get("stop") or ()


def until_stop(pieces: Sequence[str], stop: str | Sequence[str]) -> list[str]:
    """The pieces up to the first stop string."""
    stops = [stop] if isinstance(stop, str) else stop
    whole = "".join(pieces)
    end = min((at for s in stops if (at := whole.find(s)) >= 0), default=len(whole))
    kept: list[str] = []
    for piece in pieces:
        kept.append(piece[:end])
        end -= len(kept[-1])
    return [piece for piece in kept if piece]


def _head(answer: Answer, kind: str, length: int | None) -> bytes:
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [f"HTTP/1.1 {answer.status} Fake", f"Content-Type: {kind}", framing]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _split(data: bytes, size: int) -> list[bytes]:
    if not size:
        return [data] if data else []
    return [data[at : at + size] for at in range(0, len(data), size)]


async def _finish(answer: Answer, writer: asyncio.StreamWriter) -> bool:
    """End as the answer says; the connection never lives on."""
    if answer.end == "hang":
        await asyncio.Event().wait()
    if answer.end == "reset":
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.close()
    return False
