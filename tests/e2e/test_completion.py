"""`textDocument/completion`: the menu of editors that show nothing inline."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor, key_for
from tests.support.answers import Answer
from tests.support.clients import EGLOT, HELIX, LSP_MODE, NEOVIM, VSCODE
from tests.support.fake_mistral import FakeMistral

pytestmark = pytest.mark.long

HEAD = "def find(xs):\n    for x in xs:\n        "
SAID = "if x['$a'] > 1:\n            return x\n"


async def one_item(
    start: StartEditor, client: Any, typed: str, **settings: str
) -> types.CompletionItem:
    """What is offered after `typed`, a beginning of SAID."""
    marked = f"{HEAD}{typed}│\n"
    answer = Answer(text=(SAID.removeprefix(typed),))
    async with FakeMistral(lambda _: answer, strict=False) as fake:
        editor = await start(client, **key_for(fake), **settings)
        answer = await editor.menu(editor.open(marked))
    assert answer.is_incomplete
    (item,) = answer.items
    return item


async def test_snippets_are_escaped_and_indented_relative_to_the_line(start: StartEditor) -> None:
    """Neovim and Helix put the line's indentation before every further line."""
    item = await one_item(start, HELIX, "i")
    assert item.insert_text_format == types.InsertTextFormat.Snippet
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text == "if x['\\$a'] > 1:\n    return x"
    assert item.text_edit.range == types.Range(types.Position(2, 8), types.Position(2, 9))


@pytest.mark.parametrize(("client", "mode"), [(EGLOT, None), (LSP_MODE, types.InsertTextMode.AsIs)])
async def test_plain_text_is_indented_as_it_will_stand(
    start: StartEditor, client: Any, mode: types.InsertTextMode | None
) -> None:
    item = await one_item(start, client, "", DEVSTRAL_COMPLETION_MENU="always")
    assert item.insert_text_format == types.InsertTextFormat.PlainText
    assert item.insert_text_mode == mode
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text == "if x['$a'] > 1:\n            return x"


async def test_item_stays_out_of_the_way_and_is_found_by_what_was_typed(start: StartEditor) -> None:
    item = await one_item(start, HELIX, "i")
    assert item.sort_text == "~"
    assert item.preselect is None
    assert item.filter_text == "if x['$a'] > 1:"
    assert item.label == "if x['$a'] > 1: …"
    assert item.detail == "devstral"
    assert item.documentation == "if x['$a'] > 1:\n    return x"


async def test_the_whole_is_shown_as_code_where_the_client_draws_it(start: StartEditor) -> None:
    item = await one_item(start, VSCODE, "", DEVSTRAL_COMPLETION_MENU="always")
    assert item.documentation == types.MarkupContent(
        types.MarkupKind.Markdown, "```python\nif x['$a'] > 1:\n    return x\n```"
    )
    assert item.label_details == types.CompletionItemLabelDetails(description="devstral")


@pytest.mark.parametrize(
    ("client", "menu", "offered"),
    [
        (HELIX, "auto", True),
        (HELIX, "never", False),
        (NEOVIM, "auto", False),
        (NEOVIM, "always", True),
    ],
)
async def test_setting_decides_whether_there_is_a_menu(
    start: StartEditor, client: Any, menu: str, offered: bool
) -> None:
    editor = await start(client, initialization_options={"completion": {"menu": menu}})
    assert (editor.capabilities.completion_provider is not None) is offered
    assert bool((await editor.menu(editor.open(LOCAL_KNOWS))).items) is offered


async def test_a_menu_can_be_asked_for_while_the_server_runs(start: StartEditor) -> None:
    editor = await start(VSCODE)
    await editor.until(lambda: "textDocument/inlineCompletion" in editor.registered)
    assert "textDocument/completion" not in editor.registered
    for menu, offered in (("always", True), ("never", False)):
        editor.push({"devstral": {"completion": {"menu": menu}}})
        await editor.until(lambda: ("textDocument/completion" in editor.registered) is offered)  # noqa: B023
