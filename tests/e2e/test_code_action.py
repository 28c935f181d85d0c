"""`textDocument/codeAction` with the real actions, over the wire, for all kinds of clients."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.server.capabilities import CODE_ACTION_KINDS
from tests.e2e.conftest import StartEditor, chat_for
from tests.support.clients import CLIENTS
from tests.support.fake_mistral import FakeMistral
from tests.support.wire import Wire
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long

CODE = """\
def total(values):
    result = 0
    for value in values:
        result = result + value│
    return result
"""
URI = "untitled:a"
FOREIGN = {
    "range": {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 9}},
    "message": "missing return type",
    "severity": 2,
    "code": "ANN201",
    "source": "ruff",
    "data": {"id": 1},
    "notOfLsp": None,
}


async def test_offers_at_once_and_without_the_network(
    start: StartEditor, mistral: FakeMistral
) -> None:
    bench = Workbench(await start(EVERYTHING, **chat_for(mistral)))
    made = await bench.actions(bench.open(CODE))
    assert len(made) > 5
    assert all(each.edit is None and each.command is None and each.data for each in made)
    assert mistral.received == []


async def test_a_client_that_declares_nothing_gets_commands(start: StartEditor) -> None:
    bench = Workbench(await start(NOTHING))
    made = await bench.actions(bench.open(CODE))
    assert {each.command for each in made} == {"devstral.apply"}
    assert "Simplify `total`" in {each.title for each in made}


async def test_only_what_is_asked_for(start: StartEditor) -> None:
    bench = Workbench(await start(EVERYTHING))
    place = bench.open(CODE)
    rewrites = await bench.actions(place, only=["refactor.rewrite"])
    assert {each.kind for each in rewrites} == {"refactor.rewrite"}
    assert await bench.actions(place, only=["source.organizeImports"]) == []


async def test_an_editor_that_asks_by_itself_at_a_cursor_gets_no_long_menu(
    start: StartEditor,
) -> None:
    bench = Workbench(await start(EVERYTHING))
    automatic = types.CodeActionTriggerKind.Automatic
    assert await bench.actions(bench.open(CODE), trigger_kind=automatic) == []


async def test_a_quick_fix_names_its_diagnostic_as_it_was_sent(wire: Wire) -> None:
    await wire.initialize(capabilities=EVERYTHING)
    item = {"uri": URI, "languageId": "python", "version": 1, "text": CODE.replace("│", "")}
    wire.send("textDocument/didOpen", {"textDocument": item})
    params = {
        "textDocument": {"uri": URI},
        "range": FOREIGN["range"],
        "context": {"diagnostics": [FOREIGN], "triggerKind": 2},
    }
    wire.send("textDocument/codeAction", params, 1)
    fixes = (await wire.answer(1))["result"]
    assert fixes
    assert all(each["kind"] == "quickfix" for each in fixes)
    assert all(each["diagnostics"] == [FOREIGN] for each in fixes)


@pytest.mark.parametrize("client", CLIENTS)
async def test_is_declared_to_each_editor(wire: Wire, client: str) -> None:
    can = await wire.initialize(capabilities=CLIENTS[client])
    provider: Any = can.get("codeActionProvider")
    registers = client in ("vscode", "neovim", "lsp-mode")
    assert (provider is None) is registers
    if not registers:
        assert provider["resolveProvider"] is True
        assert "quickfix" in provider["codeActionKinds"]


async def test_options_are_for_clients_that_know_actions(wire: Wire) -> None:
    can = await wire.initialize(capabilities=NOTHING)
    assert can["codeActionProvider"] is True


@pytest.mark.parametrize("kind", ["source.test", *{each.kind: None for each in ACTIONS.values()}])
def test_every_kind_is_declared(kind: str) -> None:
    declared = [each.value for each in CODE_ACTION_KINDS]
    assert any(kind == each or kind.startswith(f"{each}.") for each in declared)
