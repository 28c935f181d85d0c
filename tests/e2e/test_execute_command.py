"""`workspace/executeCommand`: the one command there is."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor


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
