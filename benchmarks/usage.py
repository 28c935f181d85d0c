"""What governor, ledger and trace cost a keystroke together: `python -m benchmarks.usage`.

Engines in one process answer the same keystrokes in turns: one with all three and their files on
the disk, and one with none. Every keystroke asks a scripted model that tells its limits in headers:
the dearest kind, and one in ten. The budget file holds a busy minute and four limits.

Printed is processor time, from the keystroke until nothing is left to do on its account, of the
thread of the event loop, which answers keystrokes, and of the others. "again" is a second engine
with none: what it differs by is chance. Exits with 1 where all three make the p99 of the event
loop's time higher by more than LIMIT_P99_MS.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import process_time, thread_time

from benchmarks.governor import HEADERS, fill
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.config.schema import CompletionSettings, Settings, UsageSettings
from devstral_lsp.providers.base import (
    Chunk,
    Endpoint,
    FimRequest,
    FinishReason,
    ModelInfo,
    Secret,
)
from devstral_lsp.providers.endpoint_client import demand_of
from devstral_lsp.providers.metering import Meter, Price, ProviderLimits, Usage
from devstral_lsp.text import Snapshot, Text
from devstral_lsp.usage.governor import Governor
from devstral_lsp.usage.recorder import UsageRecorder

KEYSTROKES, WARM = 600, 40
FIRST_S = 0.01
"""Until the model says something: what an engine does meanwhile, both do."""
SETTLED_S = 0.03
"""After an answer: by then its request is settled, and its rows are written in transactions of
their own, the dearest case."""
LIMIT_P99_MS = 1.0
LINES = 40
ANSWER = ("compute(a", ", b, ", "a + b)\n")
USAGE = Usage(2100, 14, 1800)
INFO = ModelInfo(model="codestral-latest", price=Price(0.30, 0.90, 0.03))
LIMITS = LimitSettings(
    plan="unknown",
    requests_per_minute=100_000,
    tokens_per_minute=900_000_000,
    tokens_per_month=900_000_000,
)


@dataclass
class Times:
    """Of the keystrokes of one typist, in ms."""

    loop_ms: list[float] = field(default_factory=list)
    other_ms: list[float] = field(default_factory=list)


class Metered:
    """Implements `FimProvider`: says ANSWER, within the budget of `meter` if there is one."""

    name = "mistral"
    limits = ProviderLimits()

    def __init__(self, meter: Meter | None) -> None:
        self._meter = meter

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        permit = None
        if self._meter is not None:
            permit = await self._meter.admit(demand_of(request, INFO.model, INFO.price))
        await asyncio.sleep(FIRST_S)
        if permit is not None:
            permit.learn(HEADERS)
        for piece in ANSWER:
            yield Chunk(text=piece)
            await asyncio.sleep(0)
        yield Chunk(finish=FinishReason.STOP, usage=USAGE)
        if permit is not None:
            permit.settle(USAGE, None)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class Typist:
    """Types into a document of its own, in front of an engine with all three or with none."""

    def __init__(self, folder: Path | None) -> None:
        self.times = Times()
        self.governor = self._recorder = meter = None
        if folder is not None:
            self.governor = Governor(LIMITS, lambda: folder)
            key = Endpoint(base_url="https://api.mistral.ai", key=Secret("key", "benchmark"))
            meter = self.governor.meter("mistral", key)
            self._recorder = UsageRecorder("benchmark", _info, lambda uri: None, asyncio.sleep)
            self._recorder.configure(UsageSettings(), folder)
        self._engine = CompletionEngine(
            Settings(completion=CompletionSettings(debounce_ms=0)),
            fim=Metered(meter),
            local=None,
            observer=self._recorder,
        )
        above = "".join(
            f"def total_{n}(a, b):\n    return a * {n} + b\n" for n in range(LINES // 4)
        )
        above += "def added(a, b):\n    "
        self._text = Text.of(above + "\n" + "# below\n" * (LINES // 2))
        self._at, self._typed, self._version = len(above), 0, 0

    async def key(self) -> None:
        """Begin the line in the middle anew, and ask there."""
        self._version += 1
        begun = f"value_{self._version} = "
        text = self._text.replace(self._at, self._at + self._typed, begun)
        self._text, self._typed = text, len(begun)
        snapshot = Snapshot("file:///benchmark.py", self._version, "python", text)
        asked = CompletionRequest(snapshot=snapshot, offset=self._at + self._typed)
        loop_s, all_s = thread_time(), process_time()
        self._engine.changed(snapshot.uri)
        shown = await self._engine.complete(asked)
        await asyncio.sleep(SETTLED_S)
        loop_s = thread_time() - loop_s
        self.times.loop_ms.append(loop_s * 1000)
        self.times.other_ms.append((process_time() - all_s - loop_s) * 1000)
        if not shown:
            raise SystemExit("nothing was shown where the endpoint had an answer")

    async def close(self) -> None:
        for each in (self._engine, self._recorder, self.governor):
            if each is not None:
                await each.close()


async def _info(work: str) -> ModelInfo:
    return INFO


async def run(keystrokes: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        typists = [Typist(Path(folder)), Typist(None), Typist(None)]
        governor = typists[0].governor
        assert governor is not None
        await asyncio.wrap_future(governor.submit("other", fill))
        dice = random.Random(7)
        for number in range(-WARM, keystrokes):
            if number == 0:
                for typist in typists:
                    typist.times = Times()
            for typist in dice.sample(typists, len(typists)):
                await typist.key()
        for typist in typists:
            await typist.close()
    having, without, control = (each.times for each in typists)
    print(f"{'':30}{'p50 ms':>9}{'p99 ms':>9}")
    for what, times in (("with all three", having), ("with none", without), ("again", control)):
        _report(f"event loop, {what}", median(times.loop_ms), _p99(times.loop_ms))
    _report_added("nothing adds", control.loop_ms, without.loop_ms)
    _report_added("all three add, other threads", having.other_ms, without.other_ms)
    return int(_report_added("all three add", having.loop_ms, without.loop_ms) > LIMIT_P99_MS)


def _report_added(what: str, having: Sequence[float], without: Sequence[float]) -> float:
    """Print by how much a keystroke's percentiles are higher; the difference of the p99, in ms."""
    p99_ms = _p99(having) - _p99(without)
    _report(what, median(having) - median(without), p99_ms)
    return p99_ms


def _report(what: str, p50_ms: float, p99_ms: float) -> None:
    print(f"{what:30}{p50_ms:9.2f}{p99_ms:9.2f}")


def _p99(times_ms: Sequence[float]) -> float:
    return quantiles(times_ms, n=100)[98]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keystrokes", type=int, default=KEYSTROKES)
    return asyncio.run(run(parser.parse_args().keystrokes))


if __name__ == "__main__":
    sys.exit(main())
