"""`workspace/executeCommand`: answered at once, done in the background."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor, chat_for, first_completion
from tests.support import replies
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long


async def test_an_accepted_item_reports_itself(start: StartEditor) -> None:
    editor = await start()
    (item,) = await editor.inline(editor.open(LOCAL_KNOWS))
    assert item.command is not None
    params = types.ExecuteCommandParams(item.command.command, item.command.arguments)
    assert await editor.client.workspace_execute_command_async(params) is None


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("rm", ["-rf"]), ("devstral.accepted", None), ("devstral.accepted", [{"id": 1}, 2])],
)
async def test_anything_else_is_refused(
    start: StartEditor, command: str, arguments: list[object] | None
) -> None:
    editor = await start()
    with pytest.raises(JsonRpcInvalidParams):
        await editor.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command, arguments)
        )


CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value│\n"
SUMMED = "def total(values):\n    return sum(values)\n"
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}}


async def rewriting(start: StartEditor, fake: FakeMistral, can: Any = EVERYTHING) -> Workbench:
    """An editor that has asked for a rewrite, and was answered."""
    bench = Workbench(await start(can, **chat_for(fake)))
    place = bench.open(CODE)
    told = {"uri": place.uri, "range": RANGE, "instruction": "Use sum."}
    await bench.command("devstral.rewrite", told)
    return bench


@pytest.mark.parametrize("capabilities", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
async def test_rewrite_and_back(start: StartEditor, capabilities: Any) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = await rewriting(start, fake, capabilities)
        (uri,) = bench.texts
        await bench.editor.until(lambda: bench.texts[uri] == SUMMED)
        await bench.command("devstral.undoLast")
        await bench.editor.until(lambda: bench.texts[uri] == CODE.replace("│", ""))
        assert bench.editor.shown == []


async def test_an_edit_that_the_editor_refuses_is_told(start: StartEditor) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        bench.apply = lambda _: types.ApplyWorkspaceEditResult(False, "The file is read-only")
        place = bench.open(CODE)
        told = {"uri": place.uri, "range": RANGE, "instruction": "Use sum."}
        await bench.command("devstral.rewrite", told)
        await bench.editor.until(lambda: bench.editor.shown_about("read-only"))
        assert len(bench.editor.shown) == 1


async def test_an_editor_that_never_answers_can_go_on(start: StartEditor) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        bench.apply = bench.never
        place = bench.open(CODE)
        told = {"uri": place.uri, "range": RANGE, "instruction": "Use sum."}
        await bench.command("devstral.rewrite", told)
        await bench.editor.until(lambda: bench.edits)
        assert await bench.actions(place)
        await bench.command("devstral.cancel")
        bench.end()


async def test_cancel_closes_the_stream(start: StartEditor) -> None:
    async with FakeMistral(lambda _: replies.endless(), key=None) as fake:
        bench = await rewriting(start, fake)
        upstream = await first_completion(fake)
        await bench.command("devstral.cancel")
        async with asyncio.timeout(PATIENCE_S):
            await upstream.hung_up.wait()
        assert bench.editor.shown == []
