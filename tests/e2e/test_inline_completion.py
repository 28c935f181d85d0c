"""`textDocument/inlineCompletion`, from the document to the item."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor, key_for
from tests.support.answers import Answer, page
from tests.support.clients import CLIENTS, NEOVIM, VSCODE
from tests.support.editor import Place
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import Wire


def text_in(marked: str, range_: types.Range, encoding: str) -> str:
    """What a range on one line covers, by a plain reference."""
    assert range_.start.line == range_.end.line
    line = marked.replace("│", "").split("\n")[range_.start.line]
    code = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    data = line.encode(code)[range_.start.character * width : range_.end.character * width]
    return data.decode(code)


@pytest.mark.parametrize("client", CLIENTS)
async def test_item_has_the_form_that_works_everywhere(start: StartEditor, client: str) -> None:
    """A plain string that begins with what its range covers, behind an astral character too."""
    marked = 'def add(a, b):\n    s = "é😀"; ret│\n'
    async with FakeMistral([Answer(text=["urn a", " + b"])]) as mistral:
        editor = await start(CLIENTS[client], **key_for(mistral))
        place = editor.open(marked)
        (item,) = await editor.inline(place)
    assert item.range is not None
    assert item.range.end == place.position
    covered = text_in(marked, item.range, str(editor.capabilities.position_encoding))
    assert covered == "ret"
    assert isinstance(item.insert_text, str)
    assert item.insert_text.startswith(covered)
    assert item.command is not None
    assert item.command.command == "devstral.accepted"


async def test_local_answers_without_a_key(start: StartEditor) -> None:
    editor = await start()
    (item,) = await editor.inline(editor.open(LOCAL_KNOWS))
    assert item.insert_text == "values:"


async def test_works_in_a_file_of_a_workspace(start: StartEditor, mistral: FakeMistral) -> None:
    folder = types.WorkspaceFolder("file:///nowhere/at/all", "nowhere")
    editor = await start(workspace_folders=[folder], **key_for(mistral))
    (item,) = await editor.inline(editor.open("def f(a, b):\n    │", "file:///nowhere/f.py"))
    assert item.insert_text == "return a + b"


async def test_a_cell_of_a_notebook_is_a_document(start: StartEditor, mistral: FakeMistral) -> None:
    editor = await start(**key_for(mistral))
    uri = "vscode-notebook-cell:/home/me/n.ipynb#W0sZmlsZQ%3D%3D"
    (item,) = await editor.inline(editor.open("def f(a, b):\n    │", uri))
    assert item.insert_text == "return a + b"


async def test_continues_the_item_that_is_chosen_in_the_menu(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start(VSCODE, **key_for(mistral))
    place = editor.open("def f(a, b):\n    x = a.ge│")
    word = types.Range(types.Position(1, 10), types.Position(1, 12))
    chosen = types.SelectedCompletionInfo(word, "getValue")
    items = await editor.inline(place, selected=chosen)
    assert mistral.completions[-1].body["prompt"].endswith("a.getValue")
    for item in items:
        assert item.range == word
        assert str(item.insert_text).startswith("getValue")


async def test_a_document_that_is_not_open_has_no_completions(start: StartEditor) -> None:
    editor = await start()
    assert await editor.inline(Place("file:///not/open.py", types.Position(0, 0))) == []


async def test_a_position_past_the_end_is_brought_back(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start(**key_for(mistral))
    place = editor.open("def f(a, b):\n    │")
    for line in (1, 2, 1_000_000):
        (item,) = await editor.inline(Place(place.uri, types.Position(line, 1_000_000)))
        assert item.range == types.Range(place.position, place.position)


@pytest.mark.parametrize("text", ["\0\1\2ELF\ufffd" * 1000 + "│", "x = 1\n" * 3_500_000 + "│"])
async def test_what_is_no_source_gets_nothing_and_hurts_nothing(
    start: StartEditor, mistral: FakeMistral, text: str
) -> None:
    """A binary file, and one of over 20 MB."""
    editor = await start(**key_for(mistral))
    assert await editor.inline(editor.open(text, "file:///data")) == []
    place = editor.open("def f(a, b):\n    │", "file:///f.py")
    (item,) = await editor.inline(place, types.InlineCompletionTriggerKind.Invoked)
    assert item.insert_text == "return a + b"


@pytest.mark.parametrize(
    "answer",
    [page(502), Answer(end="cut", after_bytes=20)],
    ids=["html", "cut"],
)
async def test_a_failing_endpoint_never_shows_as_an_error(
    start: StartEditor, answer: Answer
) -> None:
    async with FakeMistral(lambda _: answer, strict=False) as fake:
        status_bar = {**NEOVIM, "experimental": {"didChangeStatus": True}}
        editor = await start(status_bar, DEVSTRAL_LOCAL_ENABLED="false", **key_for(fake))
        place = editor.open("def f(a, b):\n    │")
        assert await editor.inline(place, types.InlineCompletionTriggerKind.Invoked) == []
        await editor.until(lambda: editor.logged)
        assert editor.shown == []


async def test_half_a_character_hurts_nobody(wire: Wire) -> None:
    """JavaScript's strings may end within an astral character, and then so do its messages."""
    await wire.initialize()
    before, after = LOCAL_KNOWS.split("│")
    text = f'x = "\ud83d"\n{before}{after}'
    item = {"uri": "untitled:1", "languageId": "python", "version": 1, "text": text}
    wire.send("textDocument/didOpen", {"textDocument": item})
    place = {"textDocument": {"uri": "untitled:1"}, "position": {"line": 7, "character": 19}}
    wire.send("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 2}}, 1)
    (found,) = (await wire.answer(1))["result"]["items"]
    assert found["insertText"] == "values:"


@pytest.mark.parametrize("uri", ["file://[x/a.py", "file:///a%00b.py", "file:///\ud83d.py"])
async def test_a_uri_that_cannot_be_read_hurts_no_other_document(
    start: StartEditor, mistral: FakeMistral, uri: str
) -> None:
    folder = types.WorkspaceFolder(uri, "folder")
    editor = await start(workspace_folders=[folder], **key_for(mistral))
    place = editor.open("def f(a, b):\n    │", "file:///f.py")
    assert await editor.inline(editor.open("def f(a, b):\n    │", uri)) == []
    (item,) = await editor.inline(place)
    assert item.insert_text == "return a + b"


async def test_a_request_by_hand_waits_for_a_key_that_comes_late(
    start: StartEditor, tmp_path: Path, mistral: FakeMistral
) -> None:
    """A key command may take its time, on a busy machine at that."""
    go = tmp_path / "go"
    code = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)\n"
    command = [sys.executable, "-c", f"{code}print({KEY!r})"]
    file = tmp_path / "own.toml"
    file.write_text(f"[fim]\nbase_url = '{mistral.url}'\napi_key_command = {json.dumps(command)}\n")
    editor = await start(NEOVIM, DEVSTRAL_CONFIG=str(file))
    place = editor.open("def f(a, b):\n    │")
    assert await editor.inline(place) == []  # by then the wait for the key is over
    by_hand = asyncio.ensure_future(editor.inline(place, types.InlineCompletionTriggerKind.Invoked))
    done, _ = await asyncio.wait({by_hand}, timeout=0.3)
    assert not done
    go.touch()
    (item,) = await by_hand
    assert item.insert_text == "return a + b"
