"""How long a refactor's stream stays open after the user has given it up.

Run by `python -m benchmarks.refactor_cancel`. A reply is coming in from an endpoint on the loopback
when `devstral.cancel` is sent, over stdio; what counts is the time until the endpoint sees the
connection close. Exits with 1 where the 95th percentile is above the limit.
"""

from __future__ import annotations

import asyncio
import sys
from statistics import median, quantiles
from time import monotonic

from benchmarks.refactor_load import command, refactoring_at
from benchmarks.replay.client import Client
from benchmarks.served import server
from tests.support import replies
from tests.support.fake_mistral import FakeMistral

ROUNDS = 40
LIMIT_MS = 50.0
STREAMING_S = 0.1
"""From the request until it is given up: the reply has begun by then."""

TEXT = "def total(values):\n    return sum(values)\n"


async def run() -> int:
    async with (
        FakeMistral(lambda _: replies.endless(), strict=False) as fake,
        server(refactoring_at(fake.url, fake.url)) as client,
    ):
        item = {"uri": "untitled:a", "languageId": "python", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": item})
        times = [await _given_up(client, fake) for _ in range(ROUNDS)]
    p95 = quantiles(times, n=100)[94]
    print(f"{'p50 ms':>8}{'p95 ms':>8}{'max ms':>8}")
    print(f"{median(times):8.2f}{p95:8.2f}{max(times):8.2f}   (limit for p95: {LIMIT_MS:.0f} ms)")
    return int(p95 > LIMIT_MS)


async def _given_up(client: Client, fake: FakeMistral) -> float:
    """Milliseconds from `devstral.cancel` until the endpoint knows."""
    known = len(fake.completions)
    ends = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    asked = {"uri": "untitled:a", "range": ends, "instruction": "Write it out at length."}
    await command(client, "devstral.rewrite", asked)
    while len(fake.completions) == known:
        await fake.arrival(len(fake.received) + 1)
    await asyncio.sleep(STREAMING_S)
    upstream, begun_s = fake.completions[-1], monotonic()
    await command(client, "devstral.cancel")
    await upstream.hung_up.wait()
    assert upstream.hung_up_s is not None
    return (upstream.hung_up_s - begun_s) * 1000


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
