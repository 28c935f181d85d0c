"""A long day's typing in a minute: what the server holds must not grow with what was typed.

`SOAK_KEYS=120000` types for some days, and allows half of that growth.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from itertools import count

import pytest

from tests.hostile.stage import Running, running
from tests.hostile.vitals import Vitals
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral

KEYS = int(os.environ.get("SOAK_KEYS", 4_000))
WARM_AFTER = KEYS // 10
DOCUMENTS = 40
GROWTH = 0.05 if KEYS >= 120_000 else 0.1
"""How much more memory may be held than at WARM_AFTER, as a part of it. Caches with a bound fill
within some thousand keys."""
GROWTH_FILES = 6
SECONDS_PER_KEY = 0.05
FUNCTION = (
    "def total_{0}(items):\n    total = {0}\n    for item in items:\n        total += item\n\n"
)


class Typist:
    """Types at the end of one document, and asks after each key."""

    def __init__(self, server: Running, number: int, ids: Iterator[int]) -> None:
        self._wire = server.wire
        self._ids = ids
        self._uri = f"file:///nowhere/typed_{number}.py"
        self._position = {"line": 0, "character": 0}
        self._version = 0
        item = {"uri": self._uri, "languageId": "python", "version": 0, "text": ""}
        self._wire.send("textDocument/didOpen", {"textDocument": item})

    async def key(self, key: str, *, waits: bool) -> None:
        """Press a key; a fast typist does not wait for the answer."""
        self._version += 1
        edit = {"range": {"start": self._position, "end": self._position}, "text": key}
        document = {"uri": self._uri, "version": self._version}
        params = {"textDocument": document, "contentChanges": [edit]}
        self._wire.send("textDocument/didChange", params)
        line, character = self._position["line"], self._position["character"]
        at = (line + 1, 0) if key == "\n" else (line, character + 1)
        self._position = {"line": at[0], "character": at[1]}
        place = {"textDocument": {"uri": self._uri}, "position": self._position}
        context = {"triggerKind": 2}
        asked = next(self._ids)
        self._wire.send("textDocument/inlineCompletion", {**place, "context": context}, asked)
        if waits:
            answer = await self._wire.answer(asked)
            assert "result" in answer, "a key that was answered with an error"


@pytest.mark.timeout(120 + SECONDS_PER_KEY * KEYS)
async def test_typing_for_a_day(environ: dict[str, str]) -> None:
    answers = (Answer(text=("item", "\n")), Answer(text=("return total\n",)), Answer(text=("",)))
    environ = {**environ, "DEVSTRAL_COMPLETION_DEBOUNCE_MS": "0"}
    asked = count()
    async with (
        FakeMistral(lambda _: answers[next(asked) % 3], strict=False) as fake,
        running(environ, fake, "--stdio") as server,
    ):
        await server.wire.initialize()
        ids = count(1)
        typists = [Typist(server, number, ids) for number in range(DOCUMENTS)]
        seen: list[Vitals] = []
        typed = 0
        for number in count():
            for key in FUNCTION.format(number):
                typed += 1
                await typists[number % DOCUMENTS].key(key, waits=typed % 5 == 4)
                if typed % WARM_AFTER == 0:
                    seen.append(Vitals.of(server.process.pid))
            if typed >= KEYS:
                break
        await typists[0].key("\n", waits=True)
        warm, now = seen[0], Vitals.of(server.process.pid)
        told = "\n".join(map(str, seen))
        assert now.memory_mb < warm.memory_mb * (1 + GROWTH), told
        assert now.files - warm.files <= GROWTH_FILES, told
        assert now.threads - warm.threads <= GROWTH_FILES, told
        assert fake.connected <= GROWTH_FILES
        assert len(fake.completions) > KEYS / 30
        server.wire.send("shutdown", None, "last")
        assert "result" in await server.wire.answer("last")
        server.wire.send("exit")
        assert await server.ended() == 0
    await _quiet(server)


async def _quiet(server: Running) -> None:
    async with asyncio.timeout(20):
        assert await server.troubles() == []
