"""How long the event loop is held by one step while somebody types in large documents.

Run by `python -m benchmarks.loop_steps [SHAPE ...]`. The real server runs over stdio with each of
its loop's steps timed; documents of every shape are opened, typed in at their middle with a request
per key, asked about for actions, replaced whole and closed. Prints the longest steps of each shape,
by the processor time of the loop's thread, so that a busy machine does not count. Exits with 1 if
one is above LIMIT_MS.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.replay.client import Client
from benchmarks.served import completing_at, endpoint

LIMIT_MS = 50.0
KEYS = 24
TYPED = "total = compute(items)\n    re"
PAUSE_S = 0.03
REPORTS = "LOOP_STEPS_REPORT"
SERVE = "--serve"

FUNCTION = (
    "def total_{0}(items):\n    total = {0}\n    for item in items:\n        total += item\n"
    "    return total\n\n\n"
)
BUNDLE = "function f{0}(a,b){{if(a){{return a+b*{0}}}return g{0}(b,[a,{{k:'v{0}'}}])}};"


def _repeated(form: str, size: int) -> str:
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(form.format(len(parts)))
        length += len(parts[-1])
    return "".join(parts)


SHAPES: dict[str, tuple[str, Callable[[], str]]] = {
    "python, 10,000 lines": ("python", lambda: _repeated(FUNCTION, 220_000)),
    "python, 1 MB": ("python", lambda: _repeated(FUNCTION, 1_000_000)),
    "python, 10 MB": ("python", lambda: _repeated(FUNCTION, 10_000_000)),
    "javascript, a line of 100 kB": ("javascript", lambda: _repeated(BUNDLE, 100_000)),
    "json, a line of 1 MB": ("json", lambda: '{"a": [' + '{"b": "c"}, ' * 80_000),
    "python, 200,000 brackets": ("python", lambda: "(" * 200_000),
}


def serve() -> int:
    """Run the server, and write down each step above half of the limit."""
    from devstral_lsp.cli.main import main

    run_step = asyncio.Handle._run
    report = Path(os.environ[REPORTS])
    began: list[tuple[float, float]] = []
    main_thread = threading.get_ident()
    seen: list[str] = []

    def watch() -> None:
        while True:
            time.sleep(0.01)
            if began and time.perf_counter() - began[-1][0] > LIMIT_MS / 2000:
                stack = traceback.extract_stack(sys._current_frames()[main_thread])
                ours = [each for each in stack if "/devstral_lsp/" in each.filename]
                named = [each for each in ours if each.name != "<module>"]
                places = (f"{Path(each.filename).stem}.{each.name}:{each.lineno}" for each in named)
                seen.append(" < ".join([*places][:-6:-1]))

    def timed(handle: asyncio.Handle) -> None:
        began.append((time.perf_counter(), time.thread_time()))
        try:
            run_step(handle)
        finally:
            wall_s, own_s = began.pop()
            own_ms = (time.thread_time() - own_s) * 1000
            wall_ms = (time.perf_counter() - wall_s) * 1000
            if max(own_ms, wall_ms) > LIMIT_MS / 2:
                with report.open("a", encoding="utf-8") as lines:
                    where = seen[len(seen) // 2] if seen else ""
                    lines.write(json.dumps([own_ms, wall_ms, repr(handle)[:300], where]) + "\n")
            seen.clear()

    asyncio.Handle._run = timed  # type: ignore[assignment,method-assign]
    threading.Thread(target=watch, daemon=True).start()
    sys.argv = ["devstral-lsp"]
    return main()


async def measure(shape: str, url: str) -> list[list[Any]]:
    """The slow steps of one shape: own time and wall time in ms, the step, where it was."""
    language, text = SHAPES[shape][0], SHAPES[shape][1]()
    with tempfile.TemporaryDirectory() as folder:
        report, settings = Path(folder) / "report", Path(folder) / "settings.toml"
        settings.touch()
        variables = {
            **os.environ, **completing_at(url),
            "DEVSTRAL_CONFIG": str(settings), "XDG_STATE_HOME": folder, REPORTS: str(report),
        }  # fmt: skip
        command = f"{sys.executable} -m benchmarks.loop_steps {SERVE}"
        client = await Client.start(command, variables, Path.cwd(), sys.stderr.buffer)
        told: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
        # No timeout: what is measured is processor time, on however busy a machine.
        await client.send_request("initialize", told)[1]
        client.notify("initialized", {})
        await _type(client, language, text)
        await client.stop()
        lines = report.read_text().splitlines() if report.exists() else []
    return sorted((json.loads(line) for line in lines), reverse=True)


async def _type(client: Client, language: str, text: str) -> None:
    uri = f"file:///nowhere/typed.{language}"
    item = {"uri": uri, "languageId": language, "version": 0, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": item})
    lines = text.split("\n")
    line = len(lines) // 2
    character = len(lines[line]) // 2 if len(lines) == 1 else len(lines[line])
    for version in range(1, KEYS + 1):
        key = TYPED[version % len(TYPED)]
        at = {"line": line, "character": character}
        edit = {"range": {"start": at, "end": at}, "text": key}
        document = {"uri": uri, "version": version}
        changed = {"textDocument": document, "contentChanges": [edit]}
        client.notify("textDocument/didChange", changed)
        line, character = (line + 1, 0) if key == "\n" else (line, character + 1)
        position = {"line": line, "character": character}
        place: dict[str, Any] = {"textDocument": {"uri": uri}, "position": position}
        typed = {**place, "context": {"triggerKind": 2}}
        asked = [
            client.send_request("textDocument/inlineCompletion", typed),
            client.send_request("textDocument/completion", place),
        ]
        if version % 6 == 0:
            start = {"line": max(0, line - 5), "character": 0}
            near = {"range": {"start": start, "end": position}, "context": {"diagnostics": []}}
            asked.append(client.send_request("textDocument/codeAction", {**place, **near}))
            await asyncio.wait([answer for _, answer in asked])
        await asyncio.sleep(PAUSE_S)
    whole = {"textDocument": {"uri": uri, "version": KEYS + 1}, "contentChanges": [{"text": text}]}
    client.notify("textDocument/didChange", whole)
    begin = {**place, "position": {"line": 0, "character": 0}}
    await client.send_request("textDocument/completion", begin)[1]
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


async def run(shapes: Sequence[str]) -> int:
    worst = 0.0
    async with endpoint(["return total", "\n"]) as url:
        for shape in shapes or SHAPES:
            steps = await measure(shape, url)
            over = sum(step[0] > LIMIT_MS for step in steps)
            print(f"{shape}: {over} steps over {LIMIT_MS:g} ms", flush=True)
            for own_ms, wall_ms, step, where in steps[:5]:
                print(f"  {own_ms:6.1f} ms of its own, {wall_ms:6.1f} ms in all: {where or step}")
            worst = max([worst, *(step[0] for step in steps)])
    return int(worst > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(serve() if SERVE in sys.argv else asyncio.run(run(sys.argv[1:])))
