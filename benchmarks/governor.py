"""What the governor costs a keystroke: the time it takes of the event loop, and until its verdict.

Run by `python -m benchmarks.governor`. The file holds a busy minute on the plan `scale` and a month
of days. The first figure is processor time of the thread that answers keystrokes; the second is
what a request waits for, while another editor writes to the same file. Exits with 1 where a p99 is
above its limit.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time

from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.errors import BudgetExceeded
from devstral_lsp.providers.base import Endpoint, Secret
from devstral_lsp.providers.metering import Demand, Priority, Usage
from devstral_lsp.usage.books import Books
from devstral_lsp.usage.governor import Governor

ROUNDS, EVERY_S = 600, 0.02
LOOP_P99_MS = 1.0
MODELS, DAYS = 3, 30
HEADERS = {
    "x-ratelimit-limit-req-minute": "100000",
    "x-ratelimit-remaining-req-minute": "99000",
    "x-ratelimit-limit-tokens-minute": "900000000",
    "x-ratelimit-remaining-tokens-minute": "899000000",
    "x-ratelimit-tokens-query-cost": "110",
}


async def run() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = LimitSettings(
            plan="unknown",
            requests_per_minute=100_000,
            tokens_per_minute=900_000_000,
            tokens_per_month=900_000_000,
        )
        governor = Governor(settings, lambda: Path(folder))
        endpoint = Endpoint(base_url="https://api.mistral.ai", key=Secret("key", "benchmark"))
        meter = governor.meter("mistral", endpoint)
        assert meter is not None
        await asyncio.wrap_future(governor.submit("other", fill))
        with _other_editor(folder) as other:
            loop_ms, verdict_ms = [], []
            for _ in range(ROUNDS):
                began_s, of_loop_s = perf_counter(), thread_time()
                demand = Demand(
                    model="m", prompt_tokens=100, max_tokens=10, priority=Priority.AUTOMATIC
                )
                try:
                    permit = await meter.admit(demand)
                except BudgetExceeded:
                    continue
                verdict_ms.append((perf_counter() - began_s) * 1000)
                permit.learn(HEADERS)
                permit.settle(Usage(100, 10), None)
                loop_ms.append((thread_time() - of_loop_s) * 1000)
                await asyncio.sleep(EVERY_S)
            other.kill()
        await governor.close()
    over = _report("of the event loop, for each request", loop_ms) > LOOP_P99_MS
    _report("until the verdict, while another editor writes", verdict_ms)
    return int(over)


def _other_editor(folder: str) -> subprocess.Popen[bytes]:
    """Asks some twenty times a second, without end."""
    command = [sys.executable, "-m", "tests.usage.asking", folder, "1000000", "1000000", "0.05"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def fill(books: Books) -> None:
    for number in range(300):
        books.reserve(f"model {number % MODELS}", 100, 0.0)


def _report(what: str, times_ms: list[float]) -> float:
    p99 = quantiles(times_ms, n=100)[98]
    print(f"{what:50} p50 {median(times_ms):6.3f} ms  p99 {p99:6.3f} ms of {len(times_ms)}")
    return p99


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
