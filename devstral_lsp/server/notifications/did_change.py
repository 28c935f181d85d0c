"""`textDocument/didChange`: edits, each counted in the text that the one before it left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the changes, whole texts as well as edits, and show the result to the application."""
    change_document(server, params.text_document, params.content_changes)


def change_document(
    server: Server,
    document: types.VersionedTextDocumentIdentifier,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> bool:
    """The same for a document or for a notebook's cell; False if it is not open."""
    snapshot = server.session.change(
        document.uri, document.version, changes, server.refactoring.edited
    )
    if snapshot is None:
        return False
    server.changed(snapshot)
    return True
