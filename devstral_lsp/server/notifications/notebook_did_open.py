"""`notebookDocument/didOpen`: a notebook, and a document for each of its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server.notifications.did_open import open_document

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def notebook_did_open(server: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """Learn the order of the cells, and open them."""
    notebook = params.notebook_document
    server.session.notebooks.open(notebook.uri, notebook.cells)
    for item in params.cell_text_documents:
        open_document(server, item)
