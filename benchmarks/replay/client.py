"""A language server as a child process: JSON-RPC over its stdin and stdout.

Answers what servers ask of a client; knows nothing of completions or of typing.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

REQUEST_TIMEOUT_S = 30.0
"""For `initialize` and `shutdown`; completions are awaited as long as the editor wants them."""


class ServerGone(Exception):
    """The server ended, or closed its output, while an answer was due."""


class RequestFailed(Exception):
    """The server answered with an error; `code` is JSON-RPC's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code


class Client:
    """The connection to one server."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.registered: set[str] = set()
        self.shown: list[str] = []
        """What popped up."""
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls, command: str, environment: Mapping[str, str], directory: Path, stderr: IO[bytes]
    ) -> Client:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            env=dict(environment),
            cwd=directory,
            limit=1 << 24,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._reading.done()

    async def request(self, method: str, params: object) -> Any:
        _, answer = self.send_request(method, params)
        return await asyncio.wait_for(answer, REQUEST_TIMEOUT_S)

    def send_request(self, method: str, params: object) -> tuple[int, asyncio.Future[Any]]:
        """Sends without waiting; the id (for `$/cancelRequest`) and the answer to come."""
        number = next(self._ids)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        if self._reading.done():
            answer.set_exception(ServerGone("the server has ended"))
        self._send({"id": number, "method": method, "params": params})
        return number, answer

    def notify(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    async def stop(self) -> None:
        """`shutdown` and `exit`, and the end of the process whatever it does."""
        try:
            await self.request("shutdown", None)
            self.notify("exit", None)
            await asyncio.wait_for(self._process.wait(), 5)
        except (TimeoutError, ServerGone, RequestFailed):
            with suppress(ProcessLookupError):  # it has ended already
                self._process.kill()
            await self._process.wait()
        await self._reading

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        assert self._process.stdout
        try:
            while True:
                head = await self._process.stdout.readuntil(b"\r\n\r\n")
                fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n") if line)
                body = await self._process.stdout.readexactly(int(fields[b"content-length"]))
                self._take(json.loads(body))
        except asyncio.IncompleteReadError:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ServerGone("the server has ended"))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._take_answer(message)
        elif "id" in message:
            self._answer(message)
        elif message["method"] == "window/showMessage":
            self.shown.append(message["params"]["message"])

    def _take_answer(self, message: dict[str, Any]) -> None:
        answer = self._waiting.pop(message["id"], None)
        if answer is None or answer.done():
            return
        if fault := message.get("error"):
            answer.set_exception(RequestFailed(fault["code"], fault["message"]))
        else:
            answer.set_result(message.get("result"))

    def _answer(self, message: dict[str, Any]) -> None:
        """What a server may ask of an editor, answered like an editor with default settings."""
        params: Any = message.get("params") or {}
        result: Any = None
        if message["method"] == "workspace/configuration":
            result = [None for _ in params["items"]]
        elif message["method"] == "client/registerCapability":
            self.registered |= {each["method"] for each in params["registrations"]}
        elif message["method"] == "workspace/applyEdit":
            result = {"applied": False}
        self._send({"id": message["id"], "result": result})
