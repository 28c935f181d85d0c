"""What the server adds to a model's answer, and what a keystroke costs that needs no answer.

Run by `python -m benchmarks.overhead`. The real server over stdio and a bare httpx stream ask the
same loopback endpoint for the same answer, in turns within one run; the difference is what editors
wait for on our account. Then an answer is typed through, a key at a time. What the first request
waits for (imports, a connection) is told by itself. Exits with 1 where a figure is above its limit.
"""

from __future__ import annotations

import asyncio
import sys
from statistics import median, quantiles
from time import perf_counter

import httpx

from benchmarks.replay.client import Client
from benchmarks.served import completing_at, endpoint, server
from tests.support.fake_mistral import KEY

ROUNDS = 150
TYPED_S = 0.02
"""Between the keys of an answer that is typed through: a key that is held repeats slower."""
WARM_S = 2.0
"""After the first request: what is indexed once for a document is indexed by then."""
SIZES = (200, 10_000)
ADDED_P50_MS, ADDED_P95_MS, TYPED_P99_MS = 3.0, 8.0, 5.0
ANSWER = ("compute(a", ", b, ", "a + b)\n")
"""What the fake endpoint says to everybody, in pieces."""

Body = dict[str, object]
Place = tuple[int, int]
"""A line and a column, from 0."""


async def run() -> int:
    over = 0
    async with (
        endpoint(ANSWER) as url,
        server(completing_at(url)) as client,
        httpx.AsyncClient(timeout=30) as bare,
    ):
        print(f"{'lines':>7}{'':4}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}")
        await _stream(bare, url)  # The endpoint's own first request is nobody's overhead.
        for lines in SIZES:
            document = await Document.open(client, lines)
            print(f"{lines:>7}    {await _timed(document.ask()):8.2f}{'':16}  the first request")
            await asyncio.sleep(WARM_S)
            for what, move in (("in a line", document.retype), ("on a new line", document.enter)):
                added, bare_ms = [], []
                for _ in range(ROUNDS):
                    move()
                    served_ms = await _timed(document.ask())
                    bare_ms.append(await _timed(_stream(bare, url)))
                    added.append(served_ms - bare_ms[-1])
                _report(lines, "a bare stream", bare_ms)
                what = f"added to it, {what}"
                over += _report(lines, what, added, ADDED_P50_MS, ADDED_P95_MS)
            typed = [each for _ in range(20) for each in await _typed_through(document)]
            over += _report(lines, "typed through", typed, p99_ms=TYPED_P99_MS)
    return over


class Document:
    """An open document in which every round asks at a place of its own."""

    def __init__(self, client: Client, lines: int) -> None:
        self._client = client
        self._uri = f"file:///benchmark_{lines}.py"
        self._line = lines // 2
        self._column = 4
        self._version = 1
        self._rounds = 0
        self._typed = 0
        """How much of the answer stands on the cursor's line."""

    @classmethod
    async def open(cls, client: Client, lines: int) -> Document:
        document = cls(client, lines)
        rows = [f"def total_{i}(a, b): return a * {i} + b\n" for i in range(lines)]
        rows[document._line - 1 : document._line + 1] = ["def added(a, b):\n", "    \n"]
        text = "".join(rows)
        opened = {"uri": document._uri, "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        return document

    def enter(self) -> None:
        """A function of its own below, so that what stands around the cursor is new, too.

        The answer is taken before: all but the cursor's line is code that parses.
        """
        taken = "".join(ANSWER).rstrip()[self._typed :] if self._rounds else "pass"
        added = f"{taken}\ndef added_{self._rounds}(a, b):\n    "
        self._begin_line(added, (self._line, self._column))
        self._line += 2

    def retype(self) -> None:
        """Another beginning on the cursor's line, which no answer is remembered for."""
        self._begin_line("", (self._line, 4), (self._line, self._column))

    def _begin_line(self, before: str, start: Place, end: Place | None = None) -> None:
        self._rounds += 1
        text = f"value_{self._rounds} = "
        self._edit(before + text, start, end)
        self._column, self._typed = 4 + len(text), 0

    def key(self, character: str) -> None:
        self._edit(character, (self._line, self._column))
        self._column, self._typed = self._column + 1, self._typed + 1

    async def ask(self) -> str:
        """The text of the completion at the cursor, without what stands before it."""
        position = {"line": self._line, "character": self._column}
        answer = await self._client.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": self._uri},
                "position": position,
                "context": {"triggerKind": 2},
            },
        )
        items = answer["items"] if isinstance(answer, dict) else answer
        if not items:
            raise SystemExit("the server showed nothing where the endpoint had an answer")
        text: str = items[0]["insertText"]
        return text

    def _edit(self, text: str, start: Place, end: Place | None = None) -> None:
        self._version += 1
        span = {
            name: {"line": line, "character": column}
            for name, (line, column) in (("start", start), ("end", end or start))
        }
        self._client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self._uri, "version": self._version},
                "contentChanges": [{"range": span, "text": text}],
            },
        )


async def _typed_through(document: Document) -> list[float]:
    document.enter()
    await document.ask()
    times = []
    for character in "".join(ANSWER)[:-6]:
        await asyncio.sleep(TYPED_S)
        document.key(character)
        times.append(await _timed(document.ask()))
    return times


async def _stream(bare: httpx.AsyncClient, url: str) -> str:
    body: Body = {
        "model": "codestral-latest",
        "prompt": "def added(a, b):\n    ",
        "suffix": "\n",
        "max_tokens": 256,
        "stream": True,
    }
    headers = {"Authorization": f"Bearer {KEY}", "Accept": "text/event-stream"}
    async with bare.stream(
        "POST", f"{url}/v1/fim/completions", json=body, headers=headers
    ) as response:
        return "".join([chunk async for chunk in response.aiter_text()])


async def _timed(work: object) -> float:
    """Milliseconds."""
    start = perf_counter()
    await work  # type: ignore[misc]
    return (perf_counter() - start) * 1000


def _report(
    lines: int,
    what: str,
    times_ms: list[float],
    p50_ms: float = float("inf"),
    p95_ms: float = float("inf"),
    p99_ms: float = float("inf"),
) -> int:
    """Print one row; 1 if it is above a limit."""
    cuts = quantiles(times_ms, n=100)
    p50, p95, p99 = median(times_ms), cuts[94], cuts[98]
    print(f"{lines:>7}    {p50:8.2f}{p95:8.2f}{p99:8.2f}  {what}")
    return int(p50 > p50_ms or p95 > p95_ms or p99 > p99_ms)


if __name__ == "__main__":
    sys.exit(bool(asyncio.run(run())))
