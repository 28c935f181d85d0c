"""What a keystroke waits for while five refactors stream their replies.

Run by `python -m benchmarks.refactor_load`. One server over stdio, asked for completions by turns
with nothing else under way and with five long replies coming in at the pace of a fast model; the
endpoints are loopback processes of their own. What counts is the ratio of the two, in one run: it
exits with 1 where that is above the limit.
"""

from __future__ import annotations

import asyncio
import sys
from statistics import median, quantiles
from time import perf_counter

from benchmarks.overhead import ANSWER, Document
from benchmarks.replay.client import Client
from benchmarks.served import completing_at, endpoint, server

TURNS = 4
ROUNDS = 60
REFACTORS = 5
LINES = 2_000
TOKENS_PER_S = 100
STREAM_S = 60
SETTLE_S = 2.0
"""From asking for the refactors until their replies come in."""

LIMIT_P50, LIMIT_P95 = 1.5, 2.0


async def run() -> int:
    long_reply = ['{"code": "', *["value = 1 " for _ in range(TOKENS_PER_S * STREAM_S)]]
    quiet: list[float] = []
    loaded: list[float] = []
    async with (
        endpoint(ANSWER, "--lenient") as fim,
        endpoint(long_reply, "--lenient", f"--between-ms={1000 / TOKENS_PER_S}") as chat,
        server(refactoring_at(fim, chat)) as client,
    ):
        document = await Document.open(client, LINES)
        await _keystrokes(document)  # Connections and caches, which neither side shall pay for.
        for _ in range(TURNS):
            quiet += await _keystrokes(document)
            await _start_refactors(client)
            loaded += await _keystrokes(document)
            if client.shown:
                raise SystemExit(f"the refactors did not go on: {client.shown}")
            await command(client, "devstral.cancel")
    return _report(quiet, loaded)


async def _keystrokes(document: Document) -> list[float]:
    """Milliseconds from a key to its completion, each at a place that nothing is known of."""
    times = []
    for number in range(ROUNDS):
        document.enter() if number % 2 else document.retype()
        start = perf_counter()
        await document.ask()
        times.append((perf_counter() - start) * 1000)
    return times


async def _start_refactors(client: Client) -> None:
    for number in range(REFACTORS):
        uri = f"file:///refactored_{number}.py"
        text = "".join(f"def total_{i}(a, b):\n    return a * {i} + b\n" for i in range(20))
        opened = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        end = {"line": 40, "character": 0}
        told = {
            "uri": uri,
            "range": {"start": {"line": 0, "character": 0}, "end": end},
            "instruction": "Write it out at length.",
        }
        await command(client, "devstral.rewrite", told)
    await asyncio.sleep(SETTLE_S)


async def command(client: Client, name: str, *arguments: object) -> None:
    await client.request("workspace/executeCommand", {"command": name, "arguments": arguments})


def _report(quiet: list[float], loaded: list[float]) -> int:
    rows = [(median(times), quantiles(times, n=100)[94]) for times in (quiet, loaded)]
    print(f"{'':24}{'p50 ms':>8}{'p95 ms':>8}")
    for name, (p50, p95) in zip(("nothing else", f"{REFACTORS} refactors"), rows, strict=True):
        print(f"{name:24}{p50:8.2f}{p95:8.2f}")
    p50, p95 = (rows[1][index] / rows[0][index] for index in (0, 1))
    print(f"{'ratio':24}{p50:8.2f}{p95:8.2f}   (limits {LIMIT_P50} and {LIMIT_P95})")
    return int(p50 > LIMIT_P50 or p95 > LIMIT_P95)


def refactoring_at(fim: str, chat: str) -> dict[str, str]:
    """Variables of a server that completes by the one endpoint, and talks with the other."""
    chats = {"DEVSTRAL_CHAT_BASE_URL": chat, "DEVSTRAL_CHAT_MODEL": "devstral-2512"}
    return {**completing_at(fim), **chats}


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
