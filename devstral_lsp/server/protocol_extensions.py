"""What goes beyond LSP: what Copilot's language server adds to it, and what we add ourselves.

Copilot's methods are those of the README of github/copilot-language-server-release, so that plugins
written for it work with ours. LSP knows no types for any of them, so their params come as raw JSON
and are read here; what follows from them is not decided here.
"""

from __future__ import annotations

from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server import convert_completion

DID_FOCUS = "textDocument/didFocus"
"""{textDocument: {uri}} when another document is looked at; {} when none is."""

DID_SHOW_COMPLETION = "textDocument/didShowCompletion"
"""{item}, which is an item as we sent it."""

DID_PARTIALLY_ACCEPT_COMPLETION = "textDocument/didPartiallyAcceptCompletion"
"""{item, acceptedLength}: UTF-16 units from the start of the item's text on."""

DID_CHANGE_STATUS = "didChangeStatus"
"""From us, for a status bar: {kind, message, busy}."""

KEY = "devstral/key"
"""Our request to an editor that keeps keys: {host}, an origin ("https://api.mistral.ai").

It answers {key}, the one that its user keeps for that very origin, or null. Only asked of clients
that declare `experimental.devstralKey`, each time anew: no key is part of any setting.
"""

INLINE_COMPLETION_READY = "devstral/inlineCompletionReady"
"""From us: {textDocument: {uri, version}, position}. There is now an answer to a request that was
given up, or more than it was answered with; the client may ask again. Only sent to clients that
declare `experimental.devstralInlineCompletionReady`."""


def parse_key(raw: Any) -> str | None:
    """The key in an answer to KEY, None if it holds none."""
    match raw:
        case {"key": str(key)}:
            return key
    return None


def parse_focused_uri(raw: Any) -> str | None:
    """The document that is looked at, None if it is none. Raises JsonRpcInvalidParams."""
    match raw:
        case {"textDocument": {"uri": str(uri)}}:
            return uri
        case None | {"textDocument": None}:
            return None
        case dict() if "textDocument" not in raw:
            return None
    raise JsonRpcInvalidParams("There is no document of that form")


def completion_id(raw: Any) -> str:
    """The id of a completion of ours, by its item's command. Raises JsonRpcInvalidParams."""
    match raw:
        case {
            "item": {
                "command": {
                    "command": convert_completion.ACCEPTED_COMMAND,
                    "arguments": [str(completion_id), *_],
                }
            }
        }:
            return completion_id
    raise JsonRpcInvalidParams("The item is not one of devstral-lsp's")


def accepted_units(raw: Any) -> int:
    """How much of an item's text was taken, in UTF-16 units. Raises JsonRpcInvalidParams."""
    match raw:
        case {"acceptedLength": int(units)} if units >= 0 and not isinstance(units, bool):
            return units
    raise JsonRpcInvalidParams("acceptedLength is not a length")
