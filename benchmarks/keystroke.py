"""What a keystroke costs the processor, in process: until its answer, and behind it.

    python -m benchmarks.keystroke
    python -m benchmarks.keystroke --languages python c --sizes 10000 --lines 20

Real code of a language is put together to a document, twenty of whose lines are typed anew in its
middle: each is asked for when its line begins and once within it. A model that says what really
stands there answers at once, and nothing is remembered of the answers before, so that each key
takes every stage. Counts processor time, which other programs on the machine do not change.

loop     ms of the event loop's thread until the answer, p50 and p95
all      of all threads until the answer: what the user waits for where there is one processor
behind   of all threads after the answer, until nothing is done any more
step     the longest that the event loop did one thing
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TypeVarTuple, Unpack

from benchmarks.holes.asking import settings_for
from benchmarks.statements.corpus import Share, sources
from devstral_lsp.app import App
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.providers.base import Chunk, FimProvider, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Snapshot, Text

LANGUAGES = ("python", "typescript", "java", "c")
SIZES = (200, 10_000)
LINES = 20
"""That are typed."""
SAID_LINES = 3
"""That the model says."""
SETTLED_S = 0.12
"""After an answer: what is gathered behind begins 30 ms later."""
WARM_S = 2.0
_Arguments = TypeVarTuple("_Arguments")
_LINE = re.compile(r"[^\n]*\n")
_TOKEN = re.compile(r"\s*(?:\w{1,6}|[^\w\s]{1,2})|\s+")
_WORD = re.compile(r"\s*\w+[^\w\n]?")


class Loop(asyncio.SelectorEventLoop):
    """Keeps the longest processor time of one step, in ms."""

    longest_ms = 0.0

    def call_soon(
        self,
        callback: Callable[[Unpack[_Arguments]], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        def timed(*given: *_Arguments) -> None:
            began_s = time.thread_time()
            callback(*given)
            self.longest_ms = max(self.longest_ms, 1000 * (time.thread_time() - began_s))

        return super().call_soon(timed, *args, context=context)


class Model:
    """Implements `FimProvider`: says `text`, in tokens or a line at a time."""

    name = "model"
    limits = ProviderLimits()

    def __init__(self) -> None:
        self.text = ""
        self.in_tokens = False

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        pattern = _TOKEN if self.in_tokens else _LINE
        for piece in pattern.findall(self.text):
            yield Chunk(text=piece)
            await asyncio.sleep(0)
        yield Chunk(finish=FinishReason.STOP)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class _ScriptedApp(App):
    """The application, whose engine asks a model that says what it is told."""

    def __init__(self) -> None:
        self.model = Model()
        options = {
            "fim.provider": "local",
            "completion.debounce_ms": 0,
            "local.workspace": False,
            "context.deadline_ms": 2000,
        }
        super().__init__(settings_for(options), notify=lambda notice: None)

    def _new_completer(self, fim: FimProvider | None) -> CompletionEngine:
        return super()._new_completer(self.model)


class Figures:
    """Those of one kind of key."""

    def __init__(self) -> None:
        self.loop_ms: list[float] = []
        self.all_ms: list[float] = []
        self.behind_ms: list[float] = []
        self.steps_ms: list[float] = []

    def row(self) -> str:
        pairs = [
            f"{median(each):8.1f}{quantiles(each, n=20)[-1]:8.1f}"
            for each in (self.loop_ms, self.all_ms, self.behind_ms)
        ]
        return "".join(pairs) + f"{median(self.steps_ms):8.1f}{max(self.steps_ms):8.1f}"


def document(language: str, lines: int) -> tuple[str, str]:
    """So many lines of real code, and the suffix of their files."""
    taken: list[str] = []
    suffix = ""
    for source in sources(language, Share.TUNE):
        suffix = source.path.suffix
        taken += source.text.rstrip("\n").split("\n")
        if len(taken) >= 4 * lines:
            break
    return "\n".join(taken[-lines:]) + "\n", suffix


async def typed(
    language: str, size: int, count: int, *, in_tokens: bool = False
) -> dict[str, Figures]:
    """The figures by the kind of key."""
    text, suffix = document(language, size)
    lines = text.split("\n")
    first = len(lines) // 2
    found = {"new line": Figures(), "in a line": Figures()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"written{suffix}"
        path.write_text(text, encoding="utf-8")
        app = _ScriptedApp()
        app.model.in_tokens = in_tokens
        app.set_workspace_folders([Path(folder)])
        await app.ready()
        above, below = "\n".join(lines[:first]) + "\n", "\n".join(lines[first + count :])
        snapshot = Snapshot(path.as_uri(), 1, language, Text.of(above + "\n" + below))
        app.changed(snapshot)
        at = len(above)
        await _key(
            app, snapshot, at, "\n".join(lines[first : first + SAID_LINES]) + "\n", Figures()
        )
        await asyncio.sleep(WARM_S)
        for number in range(first, first + count):
            line = lines[number]
            if not line.strip():
                snapshot, at = _put(snapshot, at, "\n")
                continue
            blanks = len(line) - len(line.lstrip())
            word = _WORD.match(line, blanks)
            until = word.end() if word else len(line)
            following = "\n".join(lines[number + 1 : number + SAID_LINES]) + "\n"
            for kind, put, rest in (
                ("new line", line[:blanks], line[blanks:]),
                ("in a line", line[blanks:until], line[until:]),
            ):
                snapshot, at = _put(snapshot, at, put)
                await _key(app, snapshot, at, f"{rest}\n{following}", found[kind])
            snapshot, at = _put(snapshot, at, line[until:] + "\n")
        await app.close()
    return found


def _put(snapshot: Snapshot, at: int, text: str) -> tuple[Snapshot, int]:
    version = (snapshot.version or 0) + 1
    return replace(snapshot, version=version, text=snapshot.text.replace(at, at, text)), at + len(
        text
    )


async def _key(app: _ScriptedApp, snapshot: Snapshot, at: int, said: str, to: Figures) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    app.model.text = said
    app.completer.forget(snapshot.uri)
    loop.longest_ms = 0.0
    own_s, all_s = time.thread_time(), time.process_time()
    app.changed(snapshot)
    await app.completer.complete(CompletionRequest(snapshot=snapshot, offset=at))
    to.loop_ms.append(1000 * (time.thread_time() - own_s))
    answered_s = time.process_time()
    to.all_ms.append(1000 * (answered_s - all_s))
    await asyncio.sleep(SETTLED_S)
    to.behind_ms.append(1000 * (time.process_time() - answered_s))
    to.steps_ms.append(loop.longest_ms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.keystroke")
    parser.add_argument("--languages", nargs="*", default=LANGUAGES)
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--lines", type=int, default=LINES, help="that are typed")
    parser.add_argument("--tokens", action="store_true", help="the model speaks in tokens")
    options = parser.parse_args()
    titles = "".join(f"{each:>9}  p95" + " " * 2 for each in ("loop", "all", "behind"))
    print(f"{'':32}{titles}{'step':>8}{'max':>8}")
    for language in options.languages:
        for size in options.sizes:
            with asyncio.Runner(loop_factory=Loop) as runner:
                found = runner.run(typed(language, size, options.lines, in_tokens=options.tokens))
            for kind, figures in found.items():
                print(f"{language:12}{size:>8} {kind:11}{figures.row()}", flush=True)


if __name__ == "__main__":
    main()
