"""What the trace and the ledger cost a keystroke: `python -m benchmarks.usage`.

An engine with a scripted model answers keystrokes, with an observer and a ledger on the disk and
without any, in turns within one run. Printed is the processor time of the event loop's thread for
what a keystroke traces: its events, its row, and its request's. `all` adds the thread that writes,
which no keystroke waits for. Exits with 1 where the loop's share is above its limit.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles
from time import process_time, thread_time

from devstral_lsp.config.schema import UsageSettings
from devstral_lsp.observability import trace
from devstral_lsp.providers.base import ModelInfo
from devstral_lsp.providers.metering import Price
from devstral_lsp.usage.recorder import UsageRecorder

KEYSTROKES = 3_000
BETWEEN_S = 0.004
"""Long enough for each row to be written in a transaction of its own: the dearest case."""
LIMIT_P99_MS = 1.0
URI = "file:///work/app.py"
INFO = ModelInfo(model="codestral-latest", price=Price(0.30, 0.90, 0.03))
_SOURCES = ("imports", "similar_code", "recent_edits", "git_message", "notebook")
_silent = logging.getLogger("benchmarks.usage")


async def run() -> int:
    with tempfile.TemporaryDirectory() as folder:
        recorder = UsageRecorder("benchmark", _info, lambda uri: None, asyncio.sleep)
        recorder.configure(UsageSettings(), Path(folder))
        loop_ms, began_s = [], process_time()
        for _ in range(KEYSTROKES):
            started_s = thread_time()
            await _keystroke(recorder)
            await asyncio.sleep(0)  # what was begun for the request
            await asyncio.sleep(0)
            loop_ms.append((thread_time() - started_s) * 1000)
            await asyncio.sleep(BETWEEN_S)
        with_ms = (process_time() - began_s) * 1000 / KEYSTROKES
        await recorder.close()
        size = _size_of(Path(folder))
    began_s = process_time()
    for _ in range(KEYSTROKES):
        await _keystroke(None)
        await asyncio.sleep(BETWEEN_S)
    without_ms = (process_time() - began_s) * 1000 / KEYSTROKES
    p99_ms = quantiles(loop_ms, n=100)[98]
    print(f"{'':24}{'p50 ms':>9}{'p99 ms':>9}")
    print(f"{'the event loop':24}{median(loop_ms):9.3f}{p99_ms:9.3f}")
    print(f"{'all, on average':24}{with_ms - without_ms:9.3f}")
    print(f"{'bytes on the disk':24}{size / KEYSTROKES:9.0f}")
    return int(p99_ms > LIMIT_P99_MS)


def _size_of(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.iterdir())


async def _info(work: str) -> ModelInfo:
    return INFO


async def _keystroke(observer: UsageRecorder | None) -> None:
    """What a keystroke adds that asks an endpoint: the dearest."""
    if observer is None:
        return await _work()
    await trace.run_traced(_silent, _subject, _work, _came, observer)


async def _work() -> None:
    note = trace.annotate
    note("statement", stage="mode", kind="statement")
    note("nothing remembered", stage="cache")
    for name in (*_SOURCES, "members"):
        note("%s: %d pieces of %d code points in %.0f ms", name, 3, 512, 4.2, stage="context")
    words = "prompt of %d + %d code points, context of %d"
    note(words, 6000, 1200, 2800, stage="prompt", context_ms=5.1)
    words = "asked %s after a pause of %.0f ms"
    note(words, "mistral", 75.0, stage="debounce", wait_ms=75.0)
    note("first text after %.0f ms", 180.0, stage="first text", first_text_ms=180.0)
    note("%d code points are %s of %d that came", 34, "all", 35, stage="extent")
    note("%s changed by %s", "mistral", "close_brackets", stage="filter", changed_by="x")
    note(
        "%s%d tokens in (%d cached), %d out; %s after %.0f ms",
        *("", 2100, 1800, 14, "stop", 310.0),
        stage="usage",
        provider="mistral",
        status=200,
        finish="stop",
        prompt_tokens=2100,
        cached_tokens=1800,
        completion_tokens=14,
        is_counted=True,
        is_prefetch=False,
        took_ms=310.0,
    )


def _subject() -> trace.Subject:
    document = trace.anonymize_document(URI, "python", 40_000)
    facts = {"work": "completion", "trigger": "automatic", "language": "python"}
    return trace.Subject(f"keystroke: automatic, {document}", URI, 120, facts)


def _came(_: None) -> tuple[str, Mapping[str, trace.Fact]]:
    facts: dict[str, trace.Fact]
    facts = {"result": "shown", "length": 34, "provider": "mistral", "tier": "asked"}
    return "shown 34 code points of mistral (asked)", facts


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
