"""A run of VS Code with our extension, our server and a model that knows some texts by heart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.editors.support.model import Model
from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap
from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.install import Tools
from tests.editors.vscode.window import Browser, Window
from tests.support.fake_mistral import FakeMistral

_ASKING_S = 0.3
"""VS Code asks 50 ms after a key."""

REGISTER = "client/registerCapability"
"""The last thing that a server does at its start."""


@dataclass
class Session:
    """Everything that a test has in its hands."""

    window: Window
    wire: Wiretap
    model: Model
    fake: FakeMistral
    server: CodeServer
    browser: Browser

    def file(self, name: str, content: bytes = b"") -> None:
        """Put a file into the workspace."""
        (self.server.workspace / name).write_bytes(content)

    async def opened(self, name: str, content: bytes = b"", place: str = "") -> Wiretap:
        """Write a file and open it; gives a listener for what follows."""
        self.file(name, content)
        await self.window.open(name, place)
        told = self.wire
        await until(f"didOpen of {name}", lambda: told.opened(name))
        return told.from_now()

    async def awake(self) -> None:
        """Wait until VS Code asks for ghost text: it loads that some time after a first editor."""
        wire = await self.opened("awake.py")

        async def asks() -> bool:
            await self.window.type("x")
            await asyncio.sleep(_ASKING_S)
            return bool(wire.by_editor("textDocument/inlineCompletion"))

        await until("VS Code to ask for ghost text", asks)


@asynccontextmanager
async def running(
    tools: Tools,
    folder: Path,
    *,
    machine: Mapping[str, Any] | None = None,
    user: Mapping[str, Any] | None = None,
    path: str = "",
) -> AsyncIterator[Session]:
    """VS Code with a workspace open and the language server of this checkout at its service.

    With settings of its own for the `machine`, no server is waited for.
    """
    model = Model()
    wire = Wiretap(folder / "wire.jsonl")
    server, browser = CodeServer(tools, folder, path), Browser(tools, folder / "chromium")
    async with model.serve() as fake:
        own = {"devstral.command": wire.command(), "devstral.fim.baseUrl": fake.url}
        own["devstral.chat.baseUrl"] = fake.url
        server.write_settings({**own, **(machine or {})}, user or {})
        server.install_extension()
        try:
            await server.start()
            page = await browser.start()
            await page.goto(f"{server.url}/?folder={server.workspace}")
            await page.locator(".monaco-workbench").wait_for()
            window = Window(page, server.workspace)
            session = Session(window, wire, model, fake, server, browser)
            if machine is None:
                await until("the server to start", lambda: wire.by_server(REGISTER))
                await session.awake()
            yield session
        finally:
            await browser.stop()
            await server.stop()
