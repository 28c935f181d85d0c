"""`initialized`: what is registered at run time, and what the editor is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clients import CLIENTS
from tests.support.wire import Wire

pytestmark = pytest.mark.long

MENU, INLINE = "textDocument/completion", "textDocument/inlineCompletion"
ACTIONS = "textDocument/codeAction"
CONFIGURATION, FILES = "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"


async def asked(wire: Wire, method: str) -> dict[str, Any]:
    """The server's next request of this kind; those before it are answered with null."""
    while True:
        message = await wire.receive()
        if message.get("method") == method:
            return message
        if "id" in message:
            wire.reply(message["id"], None)


@pytest.mark.parametrize(
    ("client", "registered"),
    [
        ("vscode", {INLINE, ACTIONS, CONFIGURATION, FILES}),
        ("helix", {FILES}),
        ("eglot", {FILES}),
        ("lsp-mode", {ACTIONS, FILES}),
    ],
)
async def test_registers_what_the_client_wants_registered(
    wire: Wire, client: str, registered: set[str]
) -> None:
    await wire.initialize(capabilities=CLIENTS[client])
    request = await asked(wire, "client/registerCapability")
    entries = {each["method"]: each for each in request["params"]["registrations"]}
    assert set(entries) == registered
    project, *outside = entries[FILES]["registerOptions"]["watchers"]
    assert project == {"globPattern": "**/.devstral.toml"}
    abilities = CLIENTS[client]["workspace"]["didChangeWatchedFiles"]
    users = ["config.toml"] if abilities.get("relativePatternSupport") else []
    assert [each["globPattern"]["pattern"] for each in outside] == users
    if INLINE in entries:
        # Null is the client's own selector: what it sends us, it asks us about.
        assert entries[INLINE]["registerOptions"] == {"documentSelector": None}


async def test_asks_for_the_settings_where_the_client_answers_that(wire: Wire) -> None:
    await wire.initialize(capabilities=CLIENTS["neovim"])
    request = await asked(wire, "workspace/configuration")
    assert request["params"]["items"] == [{"section": "devstral"}]


async def test_an_error_in_answer_to_that_changes_nothing(wire: Wire) -> None:
    await wire.initialize(capabilities=CLIENTS["neovim"])
    request = await asked(wire, "workspace/configuration")
    error = {"code": -32603, "message": "no such section"}
    wire.reply(request["id"], error=error)
    wire.send(
        INLINE,
        {
            "textDocument": {"uri": "a:b"},
            "position": {"line": 0, "character": 0},
            "context": {"triggerKind": 2},
        },
        1,
    )
    assert (await wire.answer(1))["result"] == {"items": []}
