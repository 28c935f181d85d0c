"""Next edits over stdio: Copilot's dialect, and the code action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor
from tests.support.clients import NEOVIM
from tests.support.editor import Editor, Place

pytestmark = pytest.mark.long

CURRENT = object()
TOP = types.Position(0, 0)
TEXT = (
    "def first(value):\n    total_count = value\n    return total_count\n\n\n"
    "def second(value):\n    print(value)\n    return value\n│"
)
NEITHER: dict[str, Any] = {"edits": []}


async def ask(
    editor: Editor,
    place: Place,
    version: Any = CURRENT,
    at: types.Position = TOP,
    **more: object,
) -> Any:
    """The raw answer; with the cursor away from what was typed, unless `at` says where."""
    params = {
        "textDocument": {
            "uri": place.uri,
            "version": editor.version(place.uri) if version is CURRENT else version,
        },
        "position": {"line": at.line, "character": at.character},
        **more,
    }
    protocol = editor.client.protocol
    return await editor.patiently(
        protocol.send_request_async("textDocument/copilotInlineEdit", params)
    )


def replace(editor: Editor, uri: str, line: int, start: int, end: int, text: str) -> None:
    span = types.Range(types.Position(line, start), types.Position(line, end))
    editor.change(uri, types.TextDocumentContentChangePartial(span, text))


async def begin(start: StartEditor, text: str = TEXT, **named: Any) -> tuple[Editor, Place]:
    """A session that has got as far as to answer, in which nothing was edited yet."""
    editor = await start(NEOVIM, **{"DEVSTRAL_FIM_PROVIDER": "local", **named})
    place = editor.open(text)
    assert as_json(await ask(editor, place)) == NEITHER
    return editor, place


def rename_total(editor: Editor, place: Place) -> None:
    """Rename the variable where it is bound; line 2 still has the old name."""
    replace(editor, place.uri, 1, 4, 15, "amount")


def as_json(answer: Any) -> Any:
    return answer if isinstance(answer, dict) else _plain(answer)


def _plain(value: Any) -> Any:
    """What pytest-lsp made of an object without a type."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    return value


async def test_a_rename_is_proposed_where_the_name_is_used(start: StartEditor) -> None:
    editor, place = await begin(start)
    rename_total(editor, place)
    (edit,) = as_json(await ask(editor, place))["edits"]
    assert edit["text"] == "    return amount"
    assert edit["range"] == {
        "start": {"line": 2, "character": 0},
        "end": {"line": 2, "character": 22},
    }
    assert edit["textDocument"] == {"uri": place.uri, "version": 2}
    command = edit["command"]
    editor.tell("textDocument/didShowInlineEdit", {"item": {"command": command}})
    replace(editor, place.uri, 2, 0, 22, edit["text"])
    params = types.ExecuteCommandParams(command["command"], command["arguments"])
    assert await editor.client.workspace_execute_command_async(params) is None
    assert as_json(await ask(editor, place)) == NEITHER
    assert editor.shown == []


@pytest.mark.parametrize("version", [1, 3, "2", {}])
async def test_another_version_gets_nothing(start: StartEditor, version: Any) -> None:
    editor, place = await begin(start)
    rename_total(editor, place)
    assert as_json(await ask(editor, place, version)) == NEITHER


@pytest.mark.parametrize(
    "params",
    [None, [], {}, {"textDocument": None}, {"textDocument": {"uri": 1}, "position": 2}],
)
async def test_what_cannot_be_read_is_no_error(start: StartEditor, params: Any) -> None:
    editor = await start(NEOVIM)
    protocol = editor.client.protocol
    asked = protocol.send_request_async("textDocument/copilotInlineEdit", params)
    assert as_json(await editor.patiently(asked)) == NEITHER


async def test_it_can_be_switched_off(start: StartEditor) -> None:
    editor, place = await begin(start, DEVSTRAL_NEXT_EDIT_MODE="off")
    rename_total(editor, place)
    assert as_json(await ask(editor, place)) == NEITHER


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
async def test_line_ends_tabs_and_emoji(start: StartEditor, newline: str) -> None:
    lines = ["def a(b):", *["\tprint('🎉', good_name)  # 🎉"] * 3, "", "print('🎉')│"]
    editor, place = await begin(start, newline.join(lines))
    column = editor.position_after("\tprint('🎉', ").character
    for line in (1, 2):
        replace(editor, place.uri, line, column, column + len("good_name"), "other_name")
    (edit,) = as_json(await ask(editor, place))["edits"]
    assert edit["text"] == "\tprint('🎉', other_name)  # 🎉"
    assert edit["range"]["start"] == {"line": 3, "character": 0}
    assert edit["range"]["end"] == {
        "line": 3,
        "character": editor.position_after(lines[3]).character,
    }


async def test_ghost_text_wins_over_a_next_edit(start: StartEditor) -> None:
    above = "def a(good_name):\n" + "    print(good_name)\n" * 4 + "\n\n"
    editor, place = await begin(start, above + LOCAL_KNOWS)
    for line in (1, 2, 3):
        replace(editor, place.uri, line, 10, 19, "other_name")
    assert as_json(await ask(editor, place, at=place.position))["edits"]
    assert await editor.inline(place)
    assert as_json(await ask(editor, place, at=place.position)) == NEITHER
    assert as_json(await ask(editor, place))["edits"]


async def test_what_ghost_text_hid_is_not_refused(start: StartEditor) -> None:
    above = "def a(good_name):\n" + "    print(good_name)\n" * 4 + "\n\n"
    editor, place = await begin(start, above + LOCAL_KNOWS)
    for line in (1, 2, 3):
        replace(editor, place.uri, line, 10, 19, "other_name")
    (edit,) = as_json(await ask(editor, place))["edits"]
    editor.tell("textDocument/didShowInlineEdit", {"item": {"command": edit["command"]}})
    assert await editor.inline(place)
    replace(editor, place.uri, 0, 0, 0, "import os\n")
    assert as_json(await ask(editor, place))["edits"]


async def test_a_change_outside_of_insert_mode_is_finished(start: StartEditor) -> None:
    """Else there is nothing until the user has left the word: it may be half typed."""
    editor, place = await begin(start)
    rename_total(editor, place)
    at = types.Position(1, 10)
    assert as_json(await ask(editor, place, at=at)) == NEITHER
    (edit,) = as_json(await ask(editor, place, at=at, isTyping=False))["edits"]
    assert edit["text"] == "    return amount"


@pytest.mark.parametrize(
    ("kind", "is_offered"),
    [
        (None, True),
        (types.CodeActionTriggerKind.Invoked, True),
        (types.CodeActionTriggerKind.Automatic, False),
    ],
)
async def test_the_code_action_right_after_a_change_when_asked_for(
    start: StartEditor, kind: types.CodeActionTriggerKind | None, is_offered: bool
) -> None:
    editor, place = await begin(start)
    rename_total(editor, place)
    after = types.Position(1, 10)
    params = types.CodeActionParams(
        place.document,
        types.Range(after, after),
        types.CodeActionContext(diagnostics=[], trigger_kind=kind),
    )
    found = await editor.patiently(editor.client.text_document_code_action_async(params))
    offered = any(each.title == "Make the same change at line 3" for each in found or ())
    assert offered == is_offered


async def test_the_code_action(start: StartEditor) -> None:
    editor, place = await begin(start)
    rename_total(editor, place)
    params = types.CodeActionParams(
        place.document,
        types.Range(types.Position(0, 0), types.Position(0, 0)),
        types.CodeActionContext(diagnostics=[]),
    )
    found = await editor.patiently(editor.client.text_document_code_action_async(params))
    action, everywhere = [each for each in found or () if "same change" in each.title]
    assert action.title == "Make the same change at line 3"
    assert isinstance(action, types.CodeAction)
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 2
    assert [each.new_text for each in change.edits] == ["    return amount"]
    # pytest-lsp takes an action with a command for a command, whose name is then an object.
    assert "devstral.nextEdits.applyAll" in str(everywhere.command)


async def apply_all(editor: Editor, place: Place) -> Any:
    """Make the next edit's change everywhere; gives the `workspace/applyEdit`."""
    applied: list[Any] = []

    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        applied.append(params)
        editor.wake()
        return types.ApplyWorkspaceEditResult(applied=False)

    editor.handle(types.WORKSPACE_APPLY_EDIT, apply)
    (edit,) = as_json(await ask(editor, place))["edits"]
    params = types.ExecuteCommandParams("devstral.nextEdits.applyAll", edit["command"]["arguments"])
    await editor.patiently(editor.client.workspace_execute_command_async(params))
    await editor.until(lambda: applied or editor.shown)
    assert editor.shown == []
    return applied[0]


async def test_the_change_in_all_open_files(start: StartEditor) -> None:
    editor, place = await begin(start)
    other = editor.open(TEXT, "untitled:Untitled-2")
    rename_total(editor, place)
    rename_total(editor, other)
    applied = await apply_all(editor, place)
    changes = applied.edit.document_changes
    assert sorted(each.text_document.uri for each in changes) == [place.uri, other.uri]
    written = [[edit.new_text for edit in each.edits] for each in changes]
    assert written == [["    return amount"]] * 2
    assert applied.edit.change_annotations


PRICES = (
    "from prices import total_price\n\n\n"
    "def show(items):\n    print(total_price(items))\n\n\n"
    "def save(items):\n    store(total_price(items))\n│"
)
CHECK = (
    "from prices import total_price\r\n\r\n\r\n"
    "def check(items):\r\n    assert total_price(items), 'é'\r\n"
    "    return total_price(items, tax=True)\r\n"
)


async def test_the_change_in_files_of_the_workspace_that_are_not_open(
    start: StartEditor, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("check.py", "private.py", "made.py", "credentials.py", "check.go"):
        (folder / name).write_text(CHECK, newline="")
    (folder / ".aiignore").write_text("private.py\n")
    (folder / ".gitignore").write_text("made.py\n")
    (tmp_path / "outside.py").write_text(CHECK, newline="")
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    editor, place = await begin(start, PRICES, root_uri=folder.as_uri())
    replace(editor, place.uri, 0, 19, 30, "full_price")
    replace(editor, place.uri, 4, 10, 21, "full_price")
    applied = await apply_all(editor, place)
    assert applied.label == "Make the same change at 4 places in 2 files"
    _, change = applied.edit.document_changes
    assert change.text_document.uri == (folder / "check.py").as_uri()
    assert change.text_document.version is None
    assert [each.new_text for each in change.edits] == [
        "from prices import full_price",
        "    assert full_price(items), 'é'",
        "    return full_price(items, tax=True)",
    ]
