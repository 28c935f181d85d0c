"""What the server adds to a model's answer, and what a keystroke costs that needs no answer.

Run by `python -m benchmarks.overhead`. The real server over stdio and a bare httpx stream ask the
same loopback endpoint for the same answer, in turns within one run; the difference is what editors
wait for on our account. Then an answer is typed through, a key at a time. Exits with 1 where a
figure is above its limit.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import httpx

from benchmarks.replay.client import Client
from tests.support.fake_mistral import KEY

ROUNDS = 150
SIZES = (200, 10_000)
ADDED_P50_MS, ADDED_P95_MS, TYPED_P99_MS = 3.0, 8.0, 5.0
ANSWER = "return a + b"
"""What the fake endpoint says to everybody."""

Body = dict[str, object]


async def run() -> int:
    over = 0
    async with _endpoint() as url, _server(url) as client, httpx.AsyncClient(timeout=30) as bare:
        print(f"{'lines':>7}{'':4}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}")
        for lines in SIZES:
            document = await Document.open(client, lines)
            served, streamed = [], []
            for _ in range(ROUNDS):
                await document.new_place()
                served.append(await _timed(document.ask()))
                streamed.append(await _timed(_stream(bare, url)))
            added = [s - b for s, b in zip(served, streamed, strict=True)]
            over += _report(lines, "added to a bare stream", added, ADDED_P50_MS, ADDED_P95_MS)
            typed = [each for _ in range(20) for each in await _typed_through(document)]
            over += _report(lines, "typed through", typed, p99_ms=TYPED_P99_MS)
    return over


class Document:
    """An open document in which every round asks at a place of its own."""

    def __init__(self, client: Client, lines: int) -> None:
        self._client = client
        self._uri = f"file:///benchmark_{lines}.py"
        self._line = lines // 2
        self._column = 0
        self._version = 1
        self._rounds = 0

    @classmethod
    async def open(cls, client: Client, lines: int) -> Document:
        document = cls(client, lines)
        text = "".join(f"def total_{i}(a, b): return a * {i} + b\n" for i in range(lines))
        opened = {"uri": document._uri, "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        return document

    async def new_place(self) -> None:
        """A fresh line in the middle, which no answer is remembered for."""
        self._rounds += 1
        head = f"def added_{self._rounds}(a, b):\n    \n"
        self._edit(head, self._line, 0)
        self._line, self._column = self._line + 1, 4

    def key(self, character: str) -> None:
        self._edit(character, self._line, self._column)
        self._column += 1

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

    def _edit(self, text: str, line: int, column: int) -> None:
        self._version += 1
        at = {"line": line, "character": column}
        change = {"range": {"start": at, "end": at}, "text": text}
        self._client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self._uri, "version": self._version},
                "contentChanges": [change],
            },
        )


async def _typed_through(document: Document) -> list[float]:
    await document.new_place()
    await document.ask()
    times = []
    for character in ANSWER[:-4]:
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


@asynccontextmanager
async def _endpoint() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.fake_mistral", "--port", "0",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().split()[-1]
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _server(url: str) -> AsyncIterator[Client]:
    environment = os.environ | {
        "DEVSTRAL_CONFIG": os.devnull,
        "DEVSTRAL_FIM_PROVIDER": "mistral",
        "DEVSTRAL_FIM_BASE_URL": url,
        "DEVSTRAL_COMPLETION_DEBOUNCE_MS": "0",
        "MISTRAL_API_KEY": KEY,
    }
    command = f"{sys.executable} -m devstral_lsp"
    client = await Client.start(command, environment, Path.cwd(), sys.stderr.buffer)
    await client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    client.notify("initialized", {})
    try:
        yield client
    finally:
        await client.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
