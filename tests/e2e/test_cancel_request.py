"""`$/cancelRequest`: ends the answer, and the stream behind it."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import first_completion, key_for
from tests.support.answers import Answer
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long

URI = "untitled:a"


def ask(wire: Wire, msg_id: object, line: int = 1) -> None:
    place = {"textDocument": {"uri": URI}, "position": {"line": line, "character": 4}}
    wire.send("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}}, msg_id)


def open_document(wire: Wire) -> None:
    item = {"uri": URI, "languageId": "python", "version": 1, "text": "def f():\n    \n"}
    wire.send("textDocument/didOpen", {"textDocument": item})


async def test_hangs_up_the_stream_upstream(environ: dict[str, str]) -> None:
    """Answered once, with RequestCancelled, and the next request is answered as ever."""
    endless = Answer(text=("retur",), end="hang", after_bytes=300)
    answers = [endless]
    async with FakeMistral(lambda _: answers.pop() if answers else Answer(), strict=False) as fake:
        wire = await Wire.start({**environ, **key_for(fake)})
        await wire.initialize()
        open_document(wire)
        ask(wire, 1)
        upstream = await first_completion(fake)
        wire.send("$/cancelRequest", {"id": 1})
        assert (await wire.answer(1))["error"]["code"] == -32800
        async with asyncio.timeout(PATIENCE_S):
            await upstream.hung_up.wait()
        ask(wire, "two")
        assert (await wire.answer("two"))["result"]["items"]
        assert all("method" in each for each in wire.passed_over)
        await wire.stop()


async def test_a_cancellation_right_behind_its_request_is_in_time(wire: Wire) -> None:
    await wire.initialize()
    open_document(wire)
    ask(wire, 1)
    wire.send("$/cancelRequest", {"id": 1})
    assert (await wire.answer(1))["error"]["code"] == -32800


async def test_cancelling_what_is_not_there_changes_nothing(wire: Wire) -> None:
    await wire.initialize()
    open_document(wire)
    for params in ({"id": 99}, {"id": "x"}, {"id": None}, {"id": [1]}, {}, [], None):
        wire.send("$/cancelRequest", params)
    ask(wire, 1)
    assert "result" in await wire.answer(1)
    wire.send("$/cancelRequest", {"id": 1})
    ask(wire, 2)
    assert "result" in await wire.answer(2)
