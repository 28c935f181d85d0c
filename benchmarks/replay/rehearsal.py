"""The replay without a clock on the wall: thousands of keys in seconds, the same for the same code.

    python -m benchmarks.replay.rehearsal --seeds 1 2 3 --traces 20

The same typist, editor and model as in the replay, but the engine is called within this process,
and time jumps to whatever is due next. So nothing that the machine does shows in the figures, and
a change of a choice can be judged exactly, over many seeds. What time the server itself takes
is left out: for that, and for memory, there is the replay proper.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import math
import selectors
import tempfile
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.replay import figures, report
from benchmarks.replay.answers import Answers
from benchmarks.replay.corpus import Trace, pick
from benchmarks.replay.document import offset_of, position_of
from benchmarks.replay.editor import Editor
from benchmarks.replay.model import Model
from benchmarks.replay.places import Truth
from benchmarks.replay.player import Player
from benchmarks.replay.records import Cost, ModelCall, Played, Record
from benchmarks.replay.session import Conditions, lay_out
from benchmarks.replay.typist import USUAL, Temperament, Typist
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.config.schema import Settings
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.local.provider import LocalProvider
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Snapshot, Text

STOPS_ON_THE_WIRE = 4
SERVER_S = 0.003
"""What the real server and the wire add to an answer."""

_FINISH = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting it moves the time on."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready: list[Any] = super().select(0)
        if not ready and timeout:
            self.now_s += timeout
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is what was waited for."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self.set_default_executor(_AtOnce())

    def time(self) -> float:
        return self._jumping.now_s


class _AtOnce(ThreadPoolExecutor):
    """Does the work of threads at once, in no time."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))  # what it raises, the caller gets
        return future


class FakeFim:
    """The replay's model as a provider, without a wire."""

    name = "mistral"
    limits = ProviderLimits()

    def __init__(self, model: Model, *, gives_probabilities: bool = False) -> None:
        self._model = model
        self._gives_probabilities = gives_probabilities

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """What the fake server would stream, in the same time."""
        stops = list(request.stop[:STOPS_ON_THE_WIRE])
        call, written = self._model.begin(request.prompt, request.suffix, request.max_tokens, stops)
        now_s = asyncio.get_running_loop().time
        started = now_s()
        for number, token in enumerate(written.tokens):
            due = started + written.first_token_s + number / self._model.tokens_per_s
            await asyncio.sleep(max(0.0, due - now_s()))
            call.generated_tokens += 1
            logprob = written.logprobs[number] if self._gives_probabilities else None
            yield Chunk(text=token, logprob=logprob)
        ends = started + written.first_token_s + len(written.tokens) / self._model.tokens_per_s
        await asyncio.sleep(max(0.0, ends - now_s()))
        call.complete = True
        yield Chunk(finish=_FINISH[written.finish])

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class InProcess:
    """Stands where the editor expects a server over stdio: documents and requests, nothing else."""

    def __init__(self, completer: CompletionEngine, surroundings: ContextProvider) -> None:
        self._completer = completer
        self._surroundings = surroundings
        self._ids = itertools.count(1)
        self._texts: dict[str, str] = {}
        self._languages: dict[str, str] = {}
        self._running: dict[int, asyncio.Task[Any]] = {}

    def notify(self, method: str, params: Any) -> None:
        if method == "$/cancelRequest":
            self._running[params["id"]].cancel()
            return
        uri = params["textDocument"]["uri"]
        if method == "textDocument/didOpen":
            self._languages[uri] = params["textDocument"]["languageId"]
            self._hold(uri, params["textDocument"]["text"])
        elif method == "textDocument/didChange":
            (change,) = params["contentChanges"]
            text = self._texts[uri]
            start, end = (offset_of(text, change["range"][side]) for side in ("start", "end"))
            self._hold(uri, text[:start] + change["text"] + text[end:])
        elif method == "textDocument/didClose":
            self._completer.forget(uri)
            self._surroundings.closed(uri)

    def send_request(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        number = next(self._ids)
        if method == "workspace/executeCommand":
            self._completer.accepted(params["arguments"][0])
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            answer.set_result(None)
            return number, answer
        uri = params["textDocument"]["uri"]
        offset = offset_of(self._texts[uri], params["position"])
        request = CompletionRequest(snapshot=self._snapshot(uri), offset=offset)
        task = asyncio.ensure_future(self._answer(request, self._texts[uri]))
        self._running[number] = task
        answer = asyncio.get_running_loop().create_future()
        task.add_done_callback(lambda task: _pass_on(task, answer))
        return number, answer

    async def _answer(self, request: CompletionRequest, text: str) -> list[dict[str, Any]]:
        shown = await self._completer.complete(request)
        await asyncio.sleep(SERVER_S)
        return [_item(text, each) for each in shown]

    def _hold(self, uri: str, text: str) -> None:
        self._texts[uri] = text
        self._completer.changed(uri)
        self._surroundings.changed(self._snapshot(uri))

    def _snapshot(self, uri: str) -> Snapshot:
        return Snapshot(uri, None, self._languages[uri], Text.of(self._texts[uri]))


def _pass_on(task: asyncio.Task[Any], answer: asyncio.Future[Any]) -> None:
    if answer.done():
        return
    if task.cancelled():
        answer.set_result(None)
    elif error := task.exception():
        answer.set_exception(error)
    else:
        answer.set_result(task.result())


def _item(text: str, completion: Completion) -> dict[str, Any]:
    span = {
        side: position_of(text, at)
        for side, at in (("start", completion.span.start), ("end", completion.span.end))
    }
    arguments = [completion.id, completion.tier.value]
    command = {"command": "devstral.accepted", "arguments": arguments}
    return {"insertText": completion.text, "range": span, "command": command}


def rehearse(
    seed: int,
    traces: int,
    corpus: Path | None,
    errors: float,
    ttft_s: float,
    temperament: Temperament = USUAL,
    *,
    gives_probabilities: bool = False,
) -> Played:
    """One seed's traces, each typed into a new engine that knows the files beside it."""
    loop = _JumpingLoop()
    try:
        model = Model(seed, ttft_s, 80.0, errors)
        fim = FakeFim(model, gives_probabilities=gives_probabilities)
        picked = pick(seed, traces, corpus)
        return loop.run_until_complete(_play(seed, picked, model, fim, temperament))
    finally:
        loop.close()


async def _play(
    seed: int, traces: list[Trace], model: Model, fim: FakeFim, temperament: Temperament
) -> Played:
    loop = asyncio.get_running_loop()
    local = LocalProvider(guess_ms=math.inf)
    surroundings = ContextProvider(Settings().context)
    completer = CompletionEngine(
        Settings(),
        fim=fim,
        local=local,
        head=surroundings.prompt_prefix,
        clock=Clock(now_s=loop.time),
    )
    client = InProcess(completer, surroundings)
    records = []
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as temporary:
        workspace = Path(temporary)
        surroundings.watch_folders([workspace])
        for trace in traces:
            path, tabs = lay_out(trace, workspace)
            for sibling in sorted(path.parent.iterdir()):
                if sibling != path:
                    local.learn(sibling.as_posix(), sibling.read_text("utf-8", "replace"))
            await local.warm()
            typist = Typist(seed, trace, temperament)
            records.append(await _type(client, model, typist, path, tabs))
        await completer.close()
        await surroundings.close()
    calls = [ModelCall(**asdict(call)) for call in model.calls]
    return Played(records, calls, Cost(0.0, 0.0, loop.time()))


async def _type(
    client: InProcess, model: Model, typist: Typist, path: Path, tabs: list[Path]
) -> Record:
    trace = typist.trace
    truth = Truth(trace.number, trace.text, trace.start, trace.end)
    model.answers, model.near = Answers(truth, typist.seed, model.errors), trace.start
    for tab in tabs:
        item = {"uri": tab.as_uri(), "languageId": trace.language_id}
        item["text"] = tab.read_text("utf-8", "replace")
        client.notify("textDocument/didOpen", {"textDocument": item})
    editor = Editor(client, Conditions().debounce_s)
    editor.open(path.as_uri(), trace.language_id, trace.cut, trace.start)
    await Player(editor, trace, typist).play()
    await editor.close()
    for tab in tabs:
        client.notify("textDocument/didClose", {"textDocument": {"uri": tab.as_uri()}})
    return editor.record


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay.rehearsal")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--traces", type=int, default=20)
    parser.add_argument("--corpus", type=Path, metavar="DIR")
    parser.add_argument("--errors", type=float, default=1.0)
    parser.add_argument("--ttft", type=float, default=0.22, metavar="S")
    parser.add_argument("--logprobs", action="store_true", help="the model gives probabilities")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    conditions = (options.traces, options.corpus, options.errors, options.ttft)
    rehearsed = partial(rehearse, gives_probabilities=options.logprobs)
    with ProcessPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(rehearsed, seed, *conditions) for seed in options.seeds]
        played = [future.result() for future in futures]
    columns = {
        f"seed {seed}": figures.figures(each)
        for seed, each in zip(options.seeds, played, strict=True)
    }
    print(report.table(columns | {"all": figures.figures(figures.merge(played))}))


if __name__ == "__main__":
    main()
