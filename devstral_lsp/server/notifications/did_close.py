"""`textDocument/didClose`: the file on disk is the truth again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Let go of the document."""
    if server.session.close(params.text_document.uri):
        server.closed(params.text_document.uri)
