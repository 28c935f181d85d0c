"""`notebookDocument/didClose`: a notebook goes, and the documents of its cells with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.notifications.did_close import close_document

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def notebook_did_close(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """Close the cells that the client names and those that the notebook still had.

    Raises JsonRpcInvalidParams, for the log, if the notebook was not open.
    """
    cells = server.session.notebooks.close(params.notebook_document.uri)
    for uri in (*(each.uri for each in params.cell_text_documents), *(cells or ())):
        close_document(server, uri)
    if cells is None:
        raise JsonRpcInvalidParams("There is no such notebook")
