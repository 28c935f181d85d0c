"""A server in the test's own process, with an engine of refactoring that the test scripts.

Messages go through the real protocol as JSON, in both directions; only the bytes do not travel. For
what a real engine would make hard to bring about: races, failures, offers of every kind.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from devstral_lsp.refactor.types import ActionOffer, Progress, RefactorResult, RefactorSelection
from devstral_lsp.server.routes import create_server
from devstral_lsp.text import Snapshot
from tests.support.editor import PATIENCE_S


class ScriptedRefactorer:
    """Offers what it is told to, and comes to what it is told to when it is told so."""

    def __init__(self, news: asyncio.Event) -> None:
        self._news = news
        self.offered: list[ActionOffer] = []
        self.selections: list[RefactorSelection] = []
        self.only: list[Sequence[str]] = []
        self.runs: list[Run] = []
        self.come_to: Callable[[Run], RefactorResult] | None = None

    def offers(self, selection: RefactorSelection, only: Sequence[str] = ()) -> list[ActionOffer]:
        self.selections.append(selection)
        self.only.append(only)
        return self.offered

    async def run(
        self,
        offer: ActionOffer,
        snapshot: Snapshot,
        *,
        now: Callable[[], Snapshot | None],
        report: Callable[[Progress], None],
    ) -> RefactorResult:
        run = Run(offer, snapshot, now, report)
        self.runs.append(run)
        self._news.set()
        if self.come_to is not None:
            return self.come_to(run)
        try:
            return await run.outcome
        finally:
            run.ended.set()


class Run:
    """One order that is being done."""

    def __init__(
        self,
        offer: ActionOffer,
        snapshot: Snapshot,
        now: Callable[[], Snapshot | None],
        report: Callable[[Progress], None],
    ) -> None:
        self.offer = offer
        self.snapshot = snapshot
        self.now = now
        self.report = report
        self.outcome: asyncio.Future[RefactorResult] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()


class Inside:
    """One client's side of the conversation."""

    def __init__(self, capabilities: Any) -> None:
        self.server = create_server()
        self._news = asyncio.Event()
        self.engine = ScriptedRefactorer(self._news)
        self.heard: list[dict[str, Any]] = []
        self.replies: dict[str, Any] = {}
        self._ids = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.server.app = self._app  # type: ignore[assignment,method-assign]
        self.server.protocol.connect(self._hear)
        self.server.start_app = lambda: None  # type: ignore[method-assign]
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        self.capabilities = self.request("initialize", params)

    def _hear(self, data: bytes) -> None:
        """Hear a message of the server's; answer it by `replies`, which may hold functions."""
        message = json.loads(data)
        if "method" not in message:
            answer = self._answers.pop(message["id"])
            if not answer.cancelled():
                answer.set_result(message)
            return
        self.heard.append(message)
        self._news.set()
        reply = self.replies.get(message["method"])
        if "id" in message and reply is not None:
            reply = reply(message["params"]) if callable(reply) else reply
            asyncio.get_running_loop().call_soon(self.reply, message["id"], reply)

    def notify(self, method: str, params: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.server.protocol.receive(json.dumps(message).encode())

    def request(self, method: str, params: Any) -> asyncio.Future[Any]:
        """Send a request; gives the whole answer to come."""
        self._ids += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._ids] = answer
        message = {"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params}
        self.server.protocol.receive(json.dumps(message).encode())
        return answer

    def reply(self, number: Any, outcome: Any) -> None:
        """Answer a request of the server's: a result or an error."""
        told = {"jsonrpc": "2.0", "id": number, **outcome}
        self.server.protocol.receive(json.dumps(told).encode())

    async def result(self, method: str, params: Any) -> Any:
        """The result of a request."""
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.request(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    async def error(self, answer: asyncio.Future[Any]) -> int:
        """The code of the error that is answered."""
        async with asyncio.timeout(PATIENCE_S):
            code: int = (await answer)["error"]["code"]
        return code

    @property
    def last_number(self) -> int:
        """The id of the request that was sent last."""
        return self._ids

    def all(self, method: str) -> list[Any]:
        """The params of all messages of one method."""
        return [each["params"] for each in self.heard if each["method"] == method]

    @property
    def shown(self) -> list[str]:
        """What popped up."""
        return [each["message"] for each in self.all("window/showMessage")]

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until what the server says, or asks of the engine, makes `holds` true."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def open(self, text: str, uri: str = "file:///work/a.py", version: int = 1) -> str:
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, version: int, *changes: Any) -> None:
        document = {"uri": uri, "version": version}
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)}
        )

    async def _app(self) -> SimpleNamespace:
        return SimpleNamespace(refactorer=self.engine)


def at(line: int, start: int, end: int | None = None) -> dict[str, Any]:
    """A range on one line."""
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": start if end is None else end},
    }
