"""One session: a model process, a server process, and all traces typed one after the other.

Nothing outside the session is touched: the server gets a home, a configuration and a workspace
of its own, which go with the session.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.replay import process
from benchmarks.replay.client import Client
from benchmarks.replay.corpus import Trace
from benchmarks.replay.editor import Editor
from benchmarks.replay.places import Truth
from benchmarks.replay.player import Player
from benchmarks.replay.records import Cost, ModelCall, Played, Record
from benchmarks.replay.typist import Typist

OPEN_TABS = 2
"""Other files of the same directory that are open, as in an editor at work."""

REGISTER_S = 5.0
"""How long a server may take to register inline completion dynamically."""

XDG = ("CACHE", "CONFIG", "DATA", "STATE")
"""Directories that a server might write to; they are the session's own."""

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a session is played under. Times in seconds.

    The values of `environment` and `options` (initializationOptions, as JSON) may hold `{url}`.
    """

    seed: int = 1
    debounce_s: float = 0.05
    ttft_s: float = 0.22
    tokens_per_s: float = 80.0
    errors: float = 1.0
    dynamic: bool = True
    impatient: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    options: str = "null"


class CannotPlay(Exception):
    """The server does not offer inline completion, or ended."""


async def play(command: str, traces: list[Trace], conditions: Conditions) -> Played:
    """Types all traces into a new server; CannotPlay when it offers no inline completion."""
    with tempfile.TemporaryDirectory(prefix="replay-") as temporary:
        home = Path(temporary)
        async with _model(conditions) as url, _server(command, home, url, conditions) as client:
            started = time.monotonic()
            workspace = home / "workspace"
            workspace.mkdir()
            await _initialize(client, workspace, url, conditions)
            records = [
                await _play_trace(client, trace, workspace, url, conditions) for trace in traces
            ]
            cost = _cost(client, time.monotonic() - started)
            calls = [ModelCall(**call) for call in await asyncio.to_thread(_http, url, "calls")]
    return Played(records, calls, cost)


@asynccontextmanager
async def _server(
    command: str, home: Path, url: str, conditions: Conditions
) -> AsyncIterator[Client]:
    """The server, stopped at the end; what it wrote to stderr is told when it cannot play."""
    environment = _environment(home, url, conditions)
    with (home / "stderr").open("wb") as stderr:
        try:
            client = await Client.start(command, environment, REPOSITORY, stderr)
        except OSError as fault:
            raise CannotPlay(str(fault)) from fault
    try:
        yield client
    except CannotPlay as fault:
        tail = (home / "stderr").read_text(errors="replace")[-2_000:]
        raise CannotPlay(f"{fault}\n{tail}") from None
    finally:
        await client.stop()


async def _play_trace(
    client: Client, trace: Trace, workspace: Path, url: str, conditions: Conditions
) -> Record:
    truth = Truth(trace.number, trace.text, trace.start, trace.end)
    await asyncio.to_thread(_http, url, "truth", asdict(truth))
    path, tabs = lay_out(trace, workspace)
    for tab in tabs:
        _open_tab(client, tab, trace.language_id)
    editor = Editor(client, conditions.debounce_s, conditions.impatient)
    editor.open(path.as_uri(), trace.language_id, trace.cut, trace.start)
    try:
        await Player(editor, trace, Typist(conditions.seed, trace)).play()
    finally:
        await editor.close()
    if not client.alive:
        raise CannotPlay(f"the server ended while {trace.path.name} was typed")
    for tab in tabs:
        client.notify("textDocument/didClose", {"textDocument": {"uri": tab.as_uri()}})
    return editor.record


def lay_out(trace: Trace, workspace: Path) -> tuple[Path, list[Path]]:
    """The file without its span and its siblings, on disk; the file and the open tabs."""
    directory = workspace / f"{trace.number}-{trace.path.parent.name}"
    directory.mkdir()
    path = directory / trace.path.name
    path.write_text(trace.cut, encoding="utf-8")
    beside = []
    for sibling in trace.siblings:
        beside.append(directory / sibling.name)
        beside[-1].write_bytes(sibling.read_bytes())
    return path, beside[:OPEN_TABS]


def _open_tab(client: Client, path: Path, language_id: str) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    item = {"uri": path.as_uri(), "languageId": language_id, "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": item})


async def _initialize(client: Client, workspace: Path, url: str, conditions: Conditions) -> None:
    folder = {"uri": workspace.as_uri(), "name": workspace.name}
    params = {
        "processId": os.getpid(),
        "clientInfo": {"name": "replay", "version": "1"},
        "rootUri": folder["uri"],
        "workspaceFolders": [folder],
        "capabilities": _capabilities(conditions.dynamic),
        "initializationOptions": json.loads(conditions.options.replace("{url}", url)),
    }
    try:
        offered = (await client.request("initialize", params))["capabilities"]
        client.notify("initialized", {})
    except Exception as fault:
        raise CannotPlay(f"initialize failed: {fault}") from fault
    if offered.get("inlineCompletionProvider") in (None, False):
        await _registration(client)


async def _registration(client: Client) -> None:
    for _ in range(int(REGISTER_S / 0.1)):
        if "textDocument/inlineCompletion" in client.registered:
            return
        await asyncio.sleep(0.1)
    raise CannotPlay("the server does not offer textDocument/inlineCompletion")


def _capabilities(dynamic: bool) -> dict[str, Any]:
    """Of VS Code's, what concerns completions. It offers UTF-16 only."""
    return {
        "general": {"positionEncodings": ["utf-16"]},
        "textDocument": {
            "synchronization": {"dynamicRegistration": dynamic, "didSave": True},
            "inlineCompletion": {"dynamicRegistration": dynamic},
        },
        "window": {"workDoneProgress": True, "showMessage": {}},
        "workspace": {
            "applyEdit": True,
            "configuration": True,
            "workspaceFolders": True,
            "didChangeConfiguration": {"dynamicRegistration": dynamic},
            "executeCommand": {"dynamicRegistration": dynamic},
        },
    }


def _environment(home: Path, url: str, conditions: Conditions) -> dict[str, str]:
    (home / "config.toml").touch()
    given = {
        "HOME": str(home),
        **{f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in XDG},
        "DEVSTRAL_CONFIG": str(home / "config.toml"),
        "DEVSTRAL_FIM_PROVIDER": "mistral",
        "DEVSTRAL_FIM_BASE_URL": url,
        "MISTRAL_API_KEY": "a-key-of-the-replay",
    }
    own = {name: value.replace("{url}", url) for name, value in conditions.environment.items()}
    return {**os.environ, **given, **own}


def _cost(client: Client, wall_s: float) -> Cost:
    return Cost(process.cpu_s(client.pid), process.peak_rss_mb(client.pid), wall_s)


@asynccontextmanager
async def _model(conditions: Conditions) -> AsyncIterator[str]:
    """The fake model in a process of its own; its URL."""
    options = {
        "--seed": conditions.seed,
        "--ttft": conditions.ttft_s,
        "--rate": conditions.tokens_per_s,
        "--errors": conditions.errors,
    }
    words = [str(word) for option in options.items() for word in option]
    model = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.replay.model", *words,
        stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY,
    )  # fmt: skip
    assert model.stdout
    try:
        yield f"http://127.0.0.1:{int(await model.stdout.readline())}"
    finally:
        model.terminate()
        await model.wait()


def _http(url: str, what: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{url}/replay/{what}", data) as answer:
        return json.load(answer)
