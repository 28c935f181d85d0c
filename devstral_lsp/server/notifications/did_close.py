"""`textDocument/didClose`: the file on disk is the truth again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Let go of the document."""
    close_document(server, params.text_document.uri)


def close_document(server: Server, uri: str) -> None:
    """The same for a document or for a notebook's cell."""
    if server.session.close(uri):
        server.closed(uri)
