"""`textDocument/didChange`: edits, each counted in the text that the one before it left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the changes, whole texts as well as edits, and show the result to the application."""
    document = params.text_document
    snapshot = server.session.change(document.uri, document.version, params.content_changes)
    if snapshot is not None:
        server.changed(snapshot)
