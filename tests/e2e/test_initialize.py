"""`initialize`: what each editor is told that we can do."""

from __future__ import annotations

import pytest

from tests.support.clients import CLIENTS
from tests.support.wire import INITIALIZE, Wire


@pytest.mark.parametrize(
    ("client", "encoding", "inline", "menu"),
    [
        # VS Code registers both at run time, see test_initialized.py.
        ("vscode", "utf-16", False, False),
        ("neovim", "utf-8", True, False),
        ("helix", "utf-8", True, True),
        ("eglot", "utf-32", True, True),
        ("lsp-mode", "utf-32", True, False),
    ],
)
async def test_each_editor_gets_what_it_can_use(
    wire: Wire, client: str, encoding: str, inline: bool, menu: bool
) -> None:
    """Inline completion is offered to all, since a client may do more than it says."""
    can = await wire.initialize(capabilities=CLIENTS[client])
    assert can["positionEncoding"] == encoding
    assert ("inlineCompletionProvider" in can) is inline
    assert ("completionProvider" in can) is menu


@pytest.mark.parametrize("general", [{}, {"positionEncodings": ["utf-9", "ebcdic"]}])
async def test_a_client_that_says_nothing_gets_what_all_understand(
    wire: Wire, general: object
) -> None:
    can = await wire.initialize(capabilities={"general": general})
    assert can["positionEncoding"] == "utf-16"
    assert "inlineCompletionProvider" in can
    assert "completionProvider" in can


async def test_says_how_documents_and_folders_are_followed(wire: Wire) -> None:
    can = await wire.initialize()
    assert can["textDocumentSync"] == {
        "openClose": True,
        "change": 2,
        "save": {"includeText": False},
    }
    assert can["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}
    assert can["executeCommandProvider"] == {
        "commands": [
            "devstral.accepted",
            "devstral.nextEdits.accepted",
            "devstral.nextEdits.refused",
            "devstral.nextEdits.applyAll",
            "devstral.apply",
            "devstral.rewrite",
            "devstral.task",
            "devstral.undoLast",
            "devstral.showAgain",
            "devstral.exportPatch",
            "devstral.showTranscript",
            "devstral.cancel",
            "devstral.why",
            "devstral.showPrompt",
            "devstral.toggle",
            "devstral.snooze",
            "devstral.commitMessage",
            "devstral.checkKey",
            "devstral.doctor",
            "devstral.status",
            "devstral.models",
            "devstral.localServers",
        ],
        "workDoneProgress": True,
    }


async def test_comes_first_and_once(process: Wire) -> None:
    process.send("textDocument/inlineCompletion", {}, 1)
    assert (await process.answer(1))["error"]["code"] == -32002
    await process.initialize()
    process.send("initialize", INITIALIZE, 2)
    assert (await process.answer(2))["error"]["code"] == -32600


async def test_can_be_tried_again_after_params_that_cannot_be_read(process: Wire) -> None:
    process.send("initialize", {"processId": "me", "capabilities": []}, 1)
    assert (await process.answer(1))["error"]["code"] == -32602
    assert (await process.initialize())["positionEncoding"] == "utf-16"
