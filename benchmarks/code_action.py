"""How long an editor waits for the list of code actions, in documents of 10,000 lines.

Run by `python -m benchmarks.code_action`. At random places, with and without a selection, asked for
by the user and by the editor alone: first the offers within this process, in time of the processor,
then the whole `textDocument/codeAction` over stdio, in time of the clock. The documents are the
standard library's own sources, and one class of 10,000 lines. Exits with 1 where a figure is above
its limit.
"""

from __future__ import annotations

import asyncio
import random
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time

from benchmarks.replay.client import Client
from benchmarks.served import server
from devstral_lsp.refactor.registry import collect_offers
from devstral_lsp.refactor.types import RefactorSelection
from devstral_lsp.text import Snapshot, Span, Text

CAPABILITIES = {
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}
            },
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "disabledSupport": True,
            "isPreferredSupport": True,
        }
    }
}
LINES = 10_000
PLACES = 400
OFFERS_P99_MS, REQUEST_P99_MS = 10.0, 20.0
DIAGNOSTIC = "undefined name 'value'"


@dataclass(frozen=True, slots=True)
class Place:
    """First and last line of a selection, which are the same for a cursor."""

    first: int
    last: int
    column: int
    automatic: bool


def sources() -> str:
    """Files of the standard library, one behind the other."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("[a-m]*.py"))
    lines = [line for path in files for line in path.read_text("utf-8", "replace").splitlines()]
    return "\n".join(lines[:LINES]) + "\n"


def one_class() -> str:
    """Methods of ten lines in a single class."""
    body = "".join(f"        value = self.other({number}, value)\n" for number in range(8))
    methods = (f"    def method_{number}(self, value):\n{body}\n" for number in range(LINES // 10))
    return "class Large:\n" + "".join(methods)


DOCUMENTS: dict[str, Callable[[], str]] = {"library": sources, "one class": one_class}


def places(text: Text) -> Iterator[Place]:
    rng = random.Random(4)
    for number in range(PLACES):
        first = rng.randrange(text.line_count - 60)
        last = first if number % 2 else first + rng.randrange(1, 50)
        yield Place(first, last, rng.randrange(40), automatic=number % 4 > 1)


def offered(name: str, text: Text) -> int:
    """Time the offers within this process."""
    snapshot = Snapshot(f"file:///{name}.py", 1, "python", text)
    times = []
    for place in places(text):
        start = min(text.line_start(place.first) + place.column, text.line_end(place.first))
        end = start if place.first == place.last else text.line_end(place.last)
        begin = thread_time()
        collect_offers(RefactorSelection(snapshot, Span(start, end), automatic=place.automatic))
        times.append((thread_time() - begin) * 1000)
    return _report(name, "offers", times, OFFERS_P99_MS)


async def requested(client: Client, name: str, text: Text) -> int:
    """Time the requests as an editor sees them."""
    uri = f"file:///{name.replace(' ', '_')}.py"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": str(text)}
    client.notify("textDocument/didOpen", {"textDocument": document})
    times, count = [], 0
    for place in places(text):
        begin = perf_counter()
        answer = await client.request("textDocument/codeAction", _params(uri, place))
        times.append((perf_counter() - begin) * 1000)
        count += len(answer)
    if not count:
        raise SystemExit("the server offered nothing at all")
    return _report(name, "textDocument/codeAction over stdio", times, REQUEST_P99_MS)


def _params(uri: str, place: Place) -> dict[str, object]:
    start = {"line": place.first, "character": place.column}
    end = {"line": place.last, "character": place.column if place.first == place.last else 200}
    span = {"start": start, "end": end}
    diagnostics = [{"range": span, "message": DIAGNOSTIC, "severity": 1}]
    context = {"diagnostics": diagnostics, "triggerKind": 2 if place.automatic else 1}
    return {"textDocument": {"uri": uri}, "range": span, "context": context}


def _report(name: str, what: str, times_ms: list[float], limit_ms: float) -> int:
    """Print one row; 1 if it is above the limit."""
    p99 = quantiles(times_ms, n=100)[98]
    print(f"{median(times_ms):8.2f}{p99:8.2f}{max(times_ms):8.2f}  {name}: {what}")
    return int(p99 > limit_ms)


async def run() -> int:
    print(f"{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}")
    texts = {name: Text.of(make()) for name, make in DOCUMENTS.items()}
    over = sum(offered(name, text) for name, text in texts.items())
    async with server({"DEVSTRAL_LOCAL_WORKSPACE": "false"}, CAPABILITIES) as client:
        for name, text in texts.items():
            over += await requested(client, name, text)
    print(f"limits for p99: {OFFERS_P99_MS:.0f} ms and {REQUEST_P99_MS:.0f} ms")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
