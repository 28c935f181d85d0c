"""Servers for end-to-end tests. Each ends with its test."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.editor import PATIENCE_S, Editor, environment
from tests.support.fake_mistral import KEY, FakeMistral, Received
from tests.support.wire import INITIALIZE, Wire, framed

LOCAL_KNOWS = (
    "def total(values):\n    for value in values:\n        print(value)\n\n\n"
    "def again(values):\n    for value in va│"
)
"""A place whose rest of the line, "lues:", follows from the text before it without any model."""


def port_in(announcement: str) -> int:
    """The port in the line by which a server says where it listens."""
    found = re.search(r"://127\.0\.0\.1:(\d+)", announcement)
    assert found, announcement
    return int(found[1])


StartEditor = Callable[..., Awaitable[Editor]]
StartWire = Callable[..., Awaitable[Wire]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """No key, no settings."""
    home = tmp_path / "home"
    home.mkdir()
    return environment(home)


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server without a key on a port, to which every connection is a session of its own.

    Sharing one process saves its start in tests that look neither at the process nor at its
    environment.
    """
    home = tmp_path_factory.mktemp("home")
    environ = environment(home, DEVSTRAL_LOG_FILE=str(home / "log"))
    command = [sys.executable, "-m", "devstral_lsp", "--tcp", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environ) as process:
        assert process.stderr is not None
        number = port_in(process.stderr.readline().decode())
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
        # It ends with its last client.
        with socket.create_connection(("127.0.0.1", number)) as client:
            client.sendall(framed(json.dumps(message).encode()))
            yield number


@pytest.fixture
async def start(environ: dict[str, str], port: int) -> AsyncIterator[StartEditor]:
    """Starts an editor: `await start(VSCODE, DEVSTRAL_…="…", root_uri=…)`.

    Names in capitals are variables of the server's environment: with any, it is a process of its
    own, on stdio. The other names go into `initialize`.
    """
    started: list[Editor] = []

    async def begin(*capabilities: Any, **named: Any) -> Editor:
        variables = {name: named.pop(name) for name in list(named) if name.isupper()}
        where = {**environ, **variables} if variables else port
        editor = await Editor.start(where, *capabilities, **named)
        started.append(editor)
        return editor

    yield begin
    for editor in started:
        await editor.stop()


@pytest.fixture
async def wire(port: int) -> AsyncIterator[Wire]:
    """A session with a server to which any bytes can be sent."""
    wire = await Wire.connect("127.0.0.1", port)
    yield wire
    await wire.stop()


@pytest.fixture
async def process(environ: dict[str, str]) -> AsyncIterator[Wire]:
    """The same with a process of its own, on its pipes."""
    wire = await Wire.start(environ)
    yield wire
    await wire.stop()


@pytest.fixture
async def mistral() -> AsyncIterator[FakeMistral]:
    """An endpoint that answers `return a + b` until told otherwise."""
    async with FakeMistral(strict=False) as fake:
        yield fake


def key_for(fake: FakeMistral) -> dict[str, str]:
    """The variables that make a server ask this endpoint."""
    return {"DEVSTRAL_FIM_BASE_URL": fake.url, "MISTRAL_API_KEY": KEY}


def chat_for(fake: FakeMistral) -> dict[str, Any]:
    """What an editor says for its conversations to go to this endpoint, which takes no key.

    By its settings, so that the server may be the one that all tests share.
    """
    chat = {"base_url": fake.url, "model": "devstral-2512"}
    return {"initialization_options": {"chat": chat, "fim": {"provider": "local"}}}


async def first_completion(fake: FakeMistral) -> Received:
    """The first request for a completion, once it has come in."""
    async with asyncio.timeout(PATIENCE_S):
        while not fake.completions:
            await fake.arrival(len(fake.received) + 1)
    return fake.completions[0]
