"""What a keystroke costs in the worst repository that the tests make, beside a harmless one.

Run by `python -m benchmarks.hostile_repository`. Two real servers over stdio, each with one of the
folders open, are typed in by turns within one run, so that a slow hour slows both; the endpoint
answers at once. Exits with 1 where the worst folder's p99 is over twice the harmless one's.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.replay.client import Client
from benchmarks.served import completing_at, endpoint, server
from tests.support.worst_repository import CODE, lay_harmless, lay_worst

KEYS = 600
KEYS_IN_A_LINE = 12
KEY_S = 0.03
"""Between two keys in both folders: a quick typist."""
MAX_RATIO = 2.0
ANSWER = ("compute(a", ", b)\n")


class Typist:
    """Types at the end of one document, a new line now and then."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._uri = (folder / "app.py").as_uri()
        self._keys = 0
        self._text = CODE
        item = {"uri": self._uri, "languageId": "python", "version": 1, "text": CODE}
        client.notify("textDocument/didOpen", {"textDocument": item})

    async def key(self) -> float:
        """Milliseconds from a key to its answer."""
        self._keys += 1
        is_new_line = self._keys % KEYS_IN_A_LINE == 0
        typed = f"\n    value_{self._keys} = " if is_new_line else "abcdefghijkl"[self._keys % 12]
        at = self._end()
        self._text += typed
        change = {"range": {"start": at, "end": at}, "text": typed}
        document = {"uri": self._uri, "version": self._keys + 1}
        changed = {"textDocument": document, "contentChanges": [change]}
        since = perf_counter()
        self._client.notify("textDocument/didChange", changed)
        asked = {"textDocument": {"uri": self._uri}, "position": self._end()}
        asked["context"] = {"triggerKind": 2}
        await self._client.request("textDocument/inlineCompletion", asked)
        return (perf_counter() - since) * 1000.0

    def _end(self) -> dict[str, int]:
        lines = self._text.split("\n")
        return {"line": len(lines) - 1, "character": len(lines[-1])}


async def run(folder: Path) -> int:
    harmless, worst = folder / "harmless", folder / "worst"
    lay_harmless(harmless)
    lay_worst(worst)
    async with (
        endpoint(ANSWER) as url,
        server(completing_at(url), root_uri=harmless.as_uri()) as one,
        server(completing_at(url), root_uri=worst.as_uri()) as other,
    ):
        typists = Typist(one, harmless), Typist(other, worst)
        took: tuple[list[float], list[float]] = [], []
        for _ in range(KEYS):
            for typist, times in zip(typists, took, strict=True):
                await asyncio.sleep(KEY_S)
                times.append(await typist.key())
    print(f"{'':12}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'first':>10}")
    for name, times in zip(("harmless", "worst"), took, strict=True):
        cuts = quantiles(times[1:], n=100)
        print(f"{name:12}{cuts[49]:8.2f}{cuts[94]:8.2f}{cuts[98]:8.2f}{times[0]:10.2f}")
    ratio = quantiles(took[1][1:], n=100)[98] / quantiles(took[0][1:], n=100)[98]
    print(f"p99 of the worst folder: {ratio:.2f} times that of the harmless one")
    return int(ratio > MAX_RATIO)


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        sys.exit(asyncio.run(run(Path(made))))
