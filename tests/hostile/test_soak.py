"""A long day's typing in a minute: what the server holds must not grow with what was typed."""

from __future__ import annotations

import asyncio

import pytest

from tests.hostile.stage import Running, running
from tests.hostile.vitals import Vitals
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral

KEYS = 3000
WARM_AFTER = 600
GROWTH_MB = 30.0
GROWTH_FILES = 6
URI = "file:///nowhere/typed.py"
PROGRAM = "def total_{0}(items):\n    total = {0}\n    for item in items:\n        total += item\n"


class Typist:
    """Types at the end of one document, and asks after each key."""

    def __init__(self, server: Running) -> None:
        self._wire = server.wire
        self._position = {"line": 0, "character": 0}
        self._typed = 0
        item = {"uri": URI, "languageId": "python", "version": 0, "text": ""}
        self._wire.send("textDocument/didOpen", {"textDocument": item})

    async def key(self, key: str, *, waits: bool) -> None:
        """Press a key; a fast typist does not wait for the answer."""
        self._typed += 1
        edit = {"range": {"start": self._position, "end": self._position}, "text": key}
        document = {"uri": URI, "version": self._typed}
        params = {"textDocument": document, "contentChanges": [edit]}
        self._wire.send("textDocument/didChange", params)
        line, character = self._position["line"], self._position["character"]
        at = (line + 1, 0) if key == "\n" else (line, character + 1)
        self._position = {"line": at[0], "character": at[1]}
        place = {"textDocument": {"uri": URI}, "position": self._position}
        context = {"triggerKind": 2}
        self._wire.send("textDocument/inlineCompletion", {**place, "context": context}, self._typed)
        if waits:
            answer = await self._wire.answer(self._typed)
            assert "result" in answer, "a key that was answered with an error"


@pytest.mark.timeout(180)
async def test_typing_for_a_day(environ: dict[str, str]) -> None:
    answers = (Answer(text=("item", "\n")), Answer(text=("return total\n",)), Answer(text=("",)))
    program = "".join(PROGRAM.format(number) for number in range(KEYS // 60))
    environ = {**environ, "DEVSTRAL_COMPLETION_DEBOUNCE_MS": "0"}
    count = iter(range(1_000_000))
    async with (
        FakeMistral(lambda _: answers[next(count) % 3], strict=False) as fake,
        running(environ, fake, "--stdio") as server,
    ):
        await server.wire.initialize()
        typist = Typist(server)
        warm: Vitals | None = None
        for number, key in enumerate(program[:KEYS]):
            await typist.key(key, waits=number % 5 == 4)
            if number == WARM_AFTER:
                warm = Vitals.of(server.process.pid)
        await typist.key("\n", waits=True)
        now = Vitals.of(server.process.pid)
        assert warm is not None
        assert now.memory_mb - warm.memory_mb < GROWTH_MB, f"{warm} has become {now}"
        assert now.files - warm.files <= GROWTH_FILES, f"{warm} has become {now}"
        assert now.threads - warm.threads <= GROWTH_FILES, f"{warm} has become {now}"
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
