"""Notifications of Copilot's language server that are not part of LSP.

They follow the README of github/copilot-language-server-release, so that plugins written for it
work with devstral-lsp. lsprotocol has no types for them: their params are parsed JSON.
"""

from __future__ import annotations

from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.convert_completion import ACCEPTED_COMMAND
from devstral_lsp.server.server import Server

DID_FOCUS = "textDocument/didFocus"
"""{textDocument: {uri}} when another document gets the focus; {} when none has it."""

DID_SHOW_COMPLETION = "textDocument/didShowCompletion"
"""{item}, as the server sent it."""

DID_PARTIALLY_ACCEPT_COMPLETION = "textDocument/didPartiallyAcceptCompletion"
"""{item, acceptedLength}: UTF-16 units from the start of the item's text."""


DID_SHOW_INLINE_EDIT = "textDocument/didShowInlineEdit"
"""{item: {command: {arguments: [id]}}}; some clients leave out the command's name."""


def did_focus(server: Server, params: Any) -> None:
    """Make the document the current one. With none in focus, the last one stays.

    Raises JsonRpcInvalidParams.
    """
    match params:
        case {"textDocument": {"uri": str(uri)}}:
            server.session.mark_focused(uri)
            if server.started_app is not None:
                server.started_app.focused(uri)
        case None | {"textDocument": None}:
            return
        case dict() if "textDocument" not in params:
            return
        case _:
            raise JsonRpcInvalidParams("There is no document of that form")


def did_show_completion(server: Server, params: Any) -> None:
    """Record that an item is displayed. Raises JsonRpcInvalidParams."""
    completion_id = _completion_id(params)
    if server.started_app is not None:
        server.started_app.completer.shown(completion_id)


def did_show_inline_edit(server: Server, params: Any) -> None:
    """Record that a next edit is displayed. Raises JsonRpcInvalidParams."""
    match params:
        case {"item": {"command": {"arguments": [str(proposal_id), *_]}}}:
            if server.started_app is not None:
                server.started_app.next_edits.shown(proposal_id)
        case _:
            raise JsonRpcInvalidParams("The item is not one of devstral-lsp's")


def did_partially_accept_completion(server: Server, params: Any) -> None:
    """Count an accepted word or line like a whole item; the edit that follows says which part.

    Raises JsonRpcInvalidParams.
    """
    completion_id = _completion_id(params)
    match params:
        case {"acceptedLength": int(units)} if units >= 0 and not isinstance(units, bool):
            if units and server.started_app is not None:
                server.started_app.completer.accepted(completion_id, whole=False)
        case _:
            raise JsonRpcInvalidParams("acceptedLength is not a length")


def _completion_id(params: Any) -> str:
    """The id in the command of an item that the server sent. Raises JsonRpcInvalidParams."""
    match params:
        case {
            "item": {
                "command": {
                    "command": command,
                    "arguments": [str(completion_id), *_],
                }
            }
        } if command == ACCEPTED_COMMAND:
            return completion_id
    raise JsonRpcInvalidParams("The item is not one of devstral-lsp's")
