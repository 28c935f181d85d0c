"""Switching completion off and on and snoozing it, as any editor can by a command."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor
from tests.support.clients import HELIX, VSCODE
from tests.support.editor import Editor, Place

pytestmark = pytest.mark.long

INVOKED = types.InlineCompletionTriggerKind.Invoked


async def command(editor: Editor, name: str, *arguments: Any) -> Any:
    params = types.ExecuteCommandParams(name, list(arguments))
    return await editor.patiently(editor.client.workspace_execute_command_async(params))


async def comes(editor: Editor, place: Place) -> tuple[bool, bool]:
    """Whether a suggestion comes while typing, and by hand."""
    return bool(await editor.inline(place)), bool(await editor.inline(place, INVOKED))


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ({}, "until you switch it on"),
        ({"language": "python"}, "for python"),
        ({"uri": "untitled:Untitled-1"}, "in this file"),
    ],
)
async def test_toggle(start: StartEditor, argument: Any, words: str) -> None:
    editor = await start(VSCODE)
    place = editor.open(LOCAL_KNOWS)
    assert await comes(editor, place) == (True, True)
    told = await command(editor, "devstral.toggle", argument)
    assert told["on"] is False
    assert words in told["message"]
    assert await comes(editor, place) == (False, False)
    told = await command(editor, "devstral.toggle", {**argument, "on": True})
    assert told["on"] is True
    assert await comes(editor, place) == (True, True)


async def test_what_the_settings_switch_off_stays_off(start: StartEditor) -> None:
    options = {"completion.disabled_languages": ["python"]}
    editor = await start(VSCODE, initialization_options=options)
    told = await command(editor, "devstral.toggle", {"language": "python", "on": True})
    assert told["on"] is False
    assert "switched off for python" in told["message"]


async def test_snooze_keeps_asking_by_hand(start: StartEditor) -> None:
    editor = await start(VSCODE)
    place = editor.open(LOCAL_KNOWS)
    told = await command(editor, "devstral.snooze", {"minutes": 5})
    assert told["minutes"] == 5
    assert await comes(editor, place) == (False, True)
    told = await command(editor, "devstral.snooze")
    assert told["minutes"] is None
    assert await comes(editor, place) == (False, True)
    await command(editor, "devstral.snooze", {"minutes": 0})
    assert await comes(editor, place) == (True, True)


async def test_an_editor_without_a_status_bar_is_shown_what_holds(start: StartEditor) -> None:
    editor = await start(HELIX)
    await command(editor, "devstral.toggle")
    await editor.until(lambda: editor.shown_about("switched off"))
    await command(editor, "devstral.snooze", {"minutes": 15})
    await editor.until(lambda: editor.shown_about("15 minutes"))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("devstral.toggle", [{"on": "yes"}]),
        ("devstral.toggle", [{"language": 3}]),
        ("devstral.toggle", ["python"]),
        ("devstral.snooze", [{"minutes": -1}]),
        ("devstral.snooze", [{"minutes": "5"}]),
        ("devstral.snooze", [{"minutes": True}]),
        ("devstral.snooze", [{"minutes": 1e9}]),
        ("devstral.snooze", [{}, {}]),
    ],
)
async def test_arguments_that_make_no_sense_are_an_error(
    start: StartEditor, name: str, arguments: list[Any]
) -> None:
    editor = await start(VSCODE)
    with pytest.raises(Exception, match="takes"):
        await command(editor, name, *arguments)


async def test_on_request_only(start: StartEditor) -> None:
    editor = await start(VSCODE, initialization_options={"completion.mode": "on request"})
    assert await comes(editor, editor.open(LOCAL_KNOWS)) == (False, True)


async def test_off_is_off(start: StartEditor) -> None:
    editor = await start(VSCODE, initialization_options={"completion.mode": "off"})
    assert await comes(editor, editor.open(LOCAL_KNOWS)) == (False, False)


@pytest.mark.parametrize(
    ("kind", "is_answered"),
    [
        (types.CompletionTriggerKind.Invoked, True),
        (types.CompletionTriggerKind.TriggerCharacter, False),
    ],
)
async def test_a_menu_on_request(
    start: StartEditor, kind: types.CompletionTriggerKind, is_answered: bool
) -> None:
    editor = await start(HELIX, initialization_options={"completion.mode": "on request"})
    place = editor.open(LOCAL_KNOWS)
    context = types.CompletionContext(kind)
    params = types.CompletionParams(place.document, place.position, context)
    answer = await editor.patiently(editor.client.text_document_completion_async(params))
    assert isinstance(answer, types.CompletionList)
    assert bool(answer.items) is is_answered
