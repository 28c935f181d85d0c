"""Progress over the wire, and what its cancel button does to the stream behind it."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, chat_for, first_completion
from tests.support import replies
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value│\n"
WORDS = {"instruction": "Use sum."}
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}}


async def test_the_cancel_button_closes_the_stream(start: StartEditor) -> None:
    async with FakeMistral(lambda _: replies.endless(), key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        place = bench.open(CODE)
        await bench.command("devstral.rewrite", {"uri": place.uri, "range": RANGE, **WORDS})
        upstream = await first_completion(fake)
        await bench.editor.until(lambda: bench.tokens)
        (token,) = bench.tokens
        cancelled = types.WorkDoneProgressCancelParams(token)
        bench.editor.tell(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, cancelled)
        async with asyncio.timeout(PATIENCE_S):
            await upstream.hung_up.wait()
        await bench.editor.until(lambda: bench.kinds(token)[-1] == "end")
        assert bench.editor.shown == []
        assert bench.edits == []


async def test_an_editor_that_never_makes_the_token_gets_its_edit(start: StartEditor) -> None:
    async with FakeMistral(
        [replies.code("def total(values):\n    return sum(values)\n")], key=None
    ) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        bench.create_progress = bench.never
        place = bench.open(CODE)
        await bench.command("devstral.rewrite", {"uri": place.uri, "range": RANGE, **WORDS})
        await bench.editor.until(lambda: bench.edits)
        assert bench.progress == []
        bench.end()


async def test_a_client_s_own_token_is_used(start: StartEditor) -> None:
    async with FakeMistral(
        [replies.code("def total(values):\n    return sum(values)\n")], key=None
    ) as fake:
        bench = Workbench(await start(NOTHING, **chat_for(fake)))
        place = bench.open(CODE)
        told = {"uri": place.uri, "range": RANGE, **WORDS}
        await bench.command("devstral.rewrite", told, token="mine")
        assert bench.kinds("mine")[0] == "begin"
        assert bench.kinds("mine")[-1] == "end"
        assert bench.texts[place.uri] == "def total(values):\n    return sum(values)\n"
