"""`textDocument/didChange`: edits, and whole texts in their place."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, first_completion, key_for
from tests.support.answers import Answer
from tests.support.clients import EGLOT, HELIX, NEOVIM, VSCODE
from tests.support.fake_mistral import FakeMistral
from tests.support.prompts import own_part
from tests.support.wire import Wire

pytestmark = pytest.mark.long


@pytest.mark.parametrize("client", [VSCODE, NEOVIM, EGLOT], ids=["utf-16", "utf-8", "utf-32"])
async def test_edits_behind_astral_characters_land_where_the_editor_means(
    start: StartEditor, mistral: FakeMistral, client: object
) -> None:
    editor = await start(client, **key_for(mistral))
    place = editor.open('s = "😀é😀"; │\n')
    place = editor.type(place, "x = '😀'; ")
    place = editor.type(place, "def f(a, b): ")
    await editor.inline(place)
    assert (
        own_part(mistral.completions[-1].body["prompt"]) == "s = \"😀é😀\"; x = '😀'; def f(a, b): "
    )
    assert mistral.completions[-1].body["suffix"].strip() == ""


async def test_a_whole_text_takes_the_place_of_the_old_one(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start(**key_for(mistral))
    place = editor.open("nothing of this stays\n│")
    text = "def f(a, b):\n    "
    editor.change(place.uri, types.TextDocumentContentChangeWholeDocument(text))
    end = type(place)(place.uri, editor.position_after(text))
    (item,) = await editor.inline(end)
    assert item.insert_text == "return a + b"
    assert own_part(mistral.completions[-1].body["prompt"]) == text


async def test_a_change_of_a_document_that_is_not_open_is_passed_over(start: StartEditor) -> None:
    editor = await start()
    place = editor.open("x│")
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(place.document))
    editor.change(place.uri, types.TextDocumentContentChangeWholeDocument("y"))
    assert await editor.inline(place) == []


async def test_a_menu_is_not_waited_for_once_the_text_is_another_one(start: StartEditor) -> None:
    """Helix asks for no other menu while it waits for one, and cancels nothing."""
    endless = Answer(text=("return a + b\n",), end="hang", after_bytes=0)
    async with FakeMistral(lambda _: endless, strict=False) as fake:
        editor = await start(HELIX, **key_for(fake))
        place = editor.open("def f(a, b):\n    │\n")
        menu = asyncio.ensure_future(editor.menu(place))
        upstream = await first_completion(fake)
        editor.type(place, "r")
        assert not (await menu).items
        assert not upstream.hung_up.is_set(), "what it says may be right for the next request"


async def test_nothing_is_asked_for_a_text_that_went_while_the_settings_were_waited_for(
    environ: dict[str, str], mistral: FakeMistral
) -> None:
    wire = await Wire.start({**environ, **key_for(mistral)})
    await wire.initialize(capabilities={"workspace": {"configuration": True}})
    uri = "untitled:a"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "def f(a, b):\n    \n"}
    wire.send("textDocument/didOpen", {"textDocument": item})
    place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 4}}
    wire.send("textDocument/completion", place, 1)
    change = {"range": {"start": place["position"], "end": place["position"]}, "text": "r"}
    versioned = {"uri": uri, "version": 2}
    wire.send("textDocument/didChange", {"textDocument": versioned, "contentChanges": [change]})
    asked = await wire.receive()
    assert asked["method"] == "workspace/configuration"
    wire.reply(asked["id"], [{}])
    assert (await wire.answer(1))["result"]["items"] == []
    assert mistral.completions == []
    await wire.stop()
