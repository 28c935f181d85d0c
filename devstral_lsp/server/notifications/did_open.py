"""`textDocument/didOpen`: a document's text belongs to the editor from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.session import is_valid_uri

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take the document into the session and show it to the application."""
    open_document(server, params.text_document)


def open_document(server: Server, item: types.TextDocumentItem) -> None:
    """The same for a document or for a notebook's cell.

    Raises JsonRpcInvalidParams if its URI cannot be read: whatever looks at it later would fail.
    """
    if not is_valid_uri(item.uri):
        raise JsonRpcInvalidParams("The URI of the document cannot be read")
    snapshot = server.session.open(item.uri, str(item.language_id), item.version, item.text)
    server.changed(snapshot)
