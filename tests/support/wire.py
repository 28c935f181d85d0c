"""A client that writes bytes as they are: for messages that no decent client would send.

Over a pipe or a socket; knows JSON and the framing, and nothing of LSP.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import SubprocessStreamProtocol
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from tests.support.editor import PATIENCE_S, SERVER, with_token

LIMIT_BYTES = 64 * 1024
"""Of what a stream reader buffers, as `asyncio.create_subprocess_exec` has it."""
INITIALIZE = {
    "processId": None,
    "rootUri": None,
    "capabilities": {},
    "initializationOptions": with_token({}),
}


class Wire:
    """One connection to a server."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        process: asyncio.subprocess.Process | None = None,
        pipes: asyncio.SubprocessTransport | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.process = process
        self._pipes = pipes
        self.passed_over: list[dict[str, Any]] = []
        """Messages that came while another one was waited for."""

    @classmethod
    async def start(cls, environ: Mapping[str, str], stderr: int = asyncio.subprocess.PIPE) -> Self:
        """A server of our own on pipes."""
        loop = asyncio.get_running_loop()
        pipes, protocol = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(LIMIT_BYTES, loop),
            *SERVER,
            stderr=stderr,
            env=dict(environ),
        )
        process = asyncio.subprocess.Process(pipes, protocol, loop)
        assert process.stdin is not None
        assert process.stdout is not None
        return cls(process.stdout, process.stdin, process, pipes)

    @classmethod
    async def connect(cls, host: str, port: int) -> Self:
        return cls(*await asyncio.open_connection(host, port))

    @classmethod
    async def connect_socket(cls, path: str) -> Self:
        return cls(*await asyncio.open_unix_connection(path))

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        """Wait while the server takes less than we write."""
        await self._writer.drain()

    def send(self, method: str, params: Any = None, msg_id: Any = None, **more: Any) -> None:
        """Send a request, or a notification if there is no id."""
        message = {"jsonrpc": "2.0", "method": method, "params": params, **more}
        if msg_id is not None:
            message["id"] = msg_id
        self.write(framed(json.dumps(message).encode()))

    def reply(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        """Answer a request of the server's."""
        outcome = {"result": result} if error is None else {"error": error}
        self.write(framed(json.dumps({"jsonrpc": "2.0", "id": msg_id, **outcome}).encode()))

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            message = json.loads(await self._reader.readexactly(length))
        assert isinstance(message, dict)
        return message

    async def answer(self, msg_id: Any) -> dict[str, Any]:
        """The answer to the request with this id, whether or not others come before it."""
        for message in self.passed_over:
            if "method" not in message and message.get("id") == msg_id:
                self.passed_over.remove(message)
                return message
        while True:
            message = await self.receive()
            if "method" not in message and message.get("id") == msg_id:
                return message
            self.passed_over.append(message)

    async def initialize(self, **params: Any) -> dict[str, Any]:
        """Shake hands; gives what the server can do."""
        options = with_token(params.pop("initializationOptions", None))
        sent = {**INITIALIZE, **params, "initializationOptions": options}
        self.send("initialize", sent, "initialize")
        answer = await self.answer("initialize")
        self.send("initialized", {})
        result = answer["result"]["capabilities"]
        assert isinstance(result, dict)
        return result

    async def ended(self) -> int:
        """The exit code, once the process has ended by itself."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    async def left(self) -> list[dict[str, Any]]:
        """The messages that still come until the server hangs up."""
        found = []
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                found.append(await self.receive())
        return found

    def close(self) -> None:
        """Close our side; a server on pipes sees the end of its input."""
        self._writer.close()

    def hang_up_output(self) -> None:
        """Close the pipe that the server on pipes writes to."""
        assert self._pipes is not None
        output = self._pipes.get_pipe_transport(1)
        assert output is not None
        output.close()

    async def standard_error(self) -> str:
        """All that the server on pipes wrote there, once it has ended."""
        assert self.process is not None
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def stop(self) -> None:
        """End the session, and the server if it is ours, however it is."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.close()
        with suppress(OSError):
            await self._writer.wait_closed()


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
