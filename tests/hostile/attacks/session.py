"""A user in a cloned folder: opens files, types, asks for refactors, and leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from tests.hostile.attacks.started import startup_log, until_started
from tests.hostile.vitals import Vitals
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import Wire
from tests.support.workbench import EVERYTHING

ENDS_WITHIN_S = 2.0
"""From `exit` to the end of the process, as it is promised."""
ANSWERS_WITHIN_S = 10.0
"""A guard: a server that hangs never answers. What is promised is measured in benchmarks/."""
MAX_MB = 400.0
"""That the process may ever have held; an honest one holds some 120."""


class Session:
    """One server process over stdio. Cursors stand at the end of a document."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self._wire = wire
        self._folder = folder
        self._texts: dict[str, str] = {}
        self._asked = 0

    @classmethod
    async def start(
        cls, environ: Mapping[str, str], mistral: FakeMistral, folder: Path, **variables: str
    ) -> Self:
        """Open a folder in an editor that can do everything."""
        named = {"DEVSTRAL_FIM_BASE_URL": mistral.url, "MISTRAL_API_KEY": KEY}
        named |= {"DEVSTRAL_CHAT_BASE_URL": mistral.url, **variables}
        log = startup_log(named, Path(environ["HOME"]))
        wire = await Wire.start({**environ, **named})
        await wire.initialize(rootUri=folder.as_uri(), capabilities=EVERYTHING)
        await until_started(log)
        return cls(wire, folder)

    def open(self, name: str, text: str, language: str = "python") -> str:
        """Open a file of the folder; gives its URI."""
        uri = (self._folder / name).as_uri()
        self._texts[uri] = text
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self._wire.send("textDocument/didOpen", {"textDocument": item})
        return uri

    def type(self, uri: str, text: str) -> None:
        """At the end of the document."""
        at = self._end(uri)
        self._texts[uri] += text
        document = {"uri": uri, "version": len(self._texts[uri]) + 1}
        change = {"range": {"start": at, "end": at}, "text": text}
        params = {"textDocument": document, "contentChanges": [change]}
        self._wire.send("textDocument/didChange", params)

    async def complete(self, uri: str) -> list[str]:
        """What an editor would show of itself at the cursor."""
        position = {"textDocument": {"uri": uri}, "position": self._end(uri)}
        params = {**position, "context": {"triggerKind": 2}}
        answer = await self.ask("textDocument/inlineCompletion", params)
        items = answer["result"]["items"] if isinstance(answer["result"], dict) else []
        return [item["insertText"] for item in items]

    async def refactor(self, uri: str, title: str) -> dict[str, Any]:
        """Take the action whose title begins so, for the whole document."""
        span = {"start": {"line": 0, "character": 0}, "end": self._end(uri)}
        params = {"textDocument": {"uri": uri}, "range": span, "context": {"diagnostics": []}}
        actions = (await self.ask("textDocument/codeAction", params))["result"]
        (action,) = [each for each in actions if each["title"].startswith(title)]
        return await self.ask("codeAction/resolve", action)

    def send(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._wire.send(method, params)

    async def ask(self, method: str, params: Any) -> dict[str, Any]:
        """Send a request; gives the answer, which must come."""
        self._asked += 1
        asked = self._asked
        self._wire.send(method, params, asked)
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            return await self._wire.answer(asked)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Ask for nothing much until something holds that another process does."""
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            while not holds():
                await self.ask("no/such", None)

    @property
    def peak_mb(self) -> float:
        """The most memory that the server ever held."""
        assert self._wire.process is not None
        return Vitals.of(self._wire.process.pid).peak_mb

    @property
    def told(self) -> list[str]:
        """What the server said without being asked: statuses and messages."""
        params = (each.get("params") for each in self._wire.passed_over)
        return [
            str(each["message"]) for each in params if isinstance(each, dict) and "message" in each
        ]

    async def leave(self) -> float:
        """Say `shutdown` and `exit`; gives the seconds until the process has ended."""
        await self.ask("shutdown", None)
        since = time.monotonic()
        self._wire.send("exit")
        await self._wire.ended()
        return time.monotonic() - since

    async def stop(self) -> None:
        await self._wire.stop()

    def _end(self, uri: str) -> dict[str, int]:
        lines = self._texts[uri].split("\n")
        return {"line": len(lines) - 1, "character": len(lines[-1])}
