"""What is read off a client's capabilities."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.converter import lenient_converter
from tests.support.clients import EGLOT, HELIX, LSP_MODE, NEOVIM, VSCODE


def client_of(capabilities: Any, options: Any = None) -> ClientCapabilities:
    raw = {"processId": None, "rootUri": None, "capabilities": capabilities}
    params = lenient_converter().structure(
        {**raw, "initializationOptions": options}, types.InitializeParams
    )
    return ClientCapabilities.of(params)


@pytest.mark.parametrize(
    ("capabilities", "inline", "snippets", "as_is"),
    [
        (VSCODE, True, True, True),
        (NEOVIM, True, True, False),
        (HELIX, False, True, False),
        (EGLOT, False, False, False),
        (LSP_MODE, True, False, True),
        ({}, False, False, False),
        ({"textDocument": None}, False, False, False),
        ({"textDocument": {"inlineCompletion": {}}}, True, False, False),
    ],
    ids=["vscode", "neovim", "helix", "eglot", "lsp-mode", "nothing", "null", "bare"],
)
def test_abilities(capabilities: Any, inline: bool, snippets: bool, as_is: bool) -> None:
    client = client_of(capabilities)
    assert (client.inline, client.snippets, client.supports_insert_as_is) == (
        inline,
        snippets,
        as_is,
    )


JUPYTERLAB = {
    "textDocument": {
        "completion": {
            "dynamicRegistration": True,
            "completionItem": {"snippetSupport": False, "preselectSupport": False},
            "contextSupport": True,
        }
    }
}


@pytest.mark.parametrize(
    ("capabilities", "bare"),
    [
        (VSCODE, False),
        (NEOVIM, False),
        (HELIX, False),
        (EGLOT, False),
        (LSP_MODE, False),
        (JUPYTERLAB, True),
        ({}, True),
    ],
    ids=["vscode", "neovim", "helix", "eglot", "lsp-mode", "jupyterlab", "nothing"],
)
def test_who_may_look_at_no_more_than_the_text(capabilities: Any, bare: bool) -> None:
    assert client_of(capabilities).ignores_text_edit is bare


@pytest.mark.parametrize(
    ("experimental", "options", "wanted"),
    [
        (None, None, False),
        ({"didChangeStatus": True}, None, True),
        ({"didChangeStatus": "yes"}, None, False),
        (["didChangeStatus"], ["editorInfo"], False),
        (None, {"editorInfo": {"name": "vim"}}, True),
        (None, {"editorPluginInfo": {}}, True),
        ({}, {"fim": {}}, False),
    ],
)
def test_status_is_for_those_who_ask(experimental: Any, options: Any, wanted: bool) -> None:
    assert client_of({"experimental": experimental}, options).wants_status is wanted


@pytest.mark.parametrize(
    ("options", "inline"),
    [({"editorInfo": {}, "editorPluginInfo": {}}, True), ({"fim": {}}, False), (None, False)],
)
def test_copilots_plugins_show_inline_completions_without_saying_so(
    options: Any, inline: bool
) -> None:
    assert client_of({}, options).inline is inline


@pytest.mark.parametrize(
    ("folder", "name"), [({"uri": "file:///a"}, ""), ({"uri": "file:///a", "name": "b"}, "b")]
)
def test_a_folder_needs_no_name(folder: Any, name: str) -> None:
    params = lenient_converter().structure(
        {"processId": None, "capabilities": {}, "workspaceFolders": [folder]},
        types.InitializeParams,
    )
    assert params.workspace_folders == (types.WorkspaceFolder("file:///a", name),)
