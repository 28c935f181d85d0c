"""`notebookDocument/didOpen`, `didChange` and `didClose`. Each cell is a document of its own."""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.notifications.documents import (
    change_document,
    close_document,
    open_document,
)
from devstral_lsp.server.server import Server


def notebook_did_open(server: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """Store the order of the cells, and open them."""
    notebook = params.notebook_document
    server.session.notebooks.open(notebook.uri, notebook.cells)
    for item in params.cell_text_documents:
        open_document(server, item)


def notebook_did_change(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Add, remove and move cells, and change their kind or text, as far as the change fits.

    Raises JsonRpcInvalidParams, for the log, if a part did not fit. The notebook's metadata and
    the outputs of its cells are ignored: they are not program text.
    """
    uri, cells = params.notebook_document.uri, params.change.cells
    if cells is None:
        return
    fits = cells.structure is None or _restructure(server, uri, cells.structure)
    if cells.data:
        fits = server.session.notebooks.update(uri, cells.data) and fits
    for each in cells.text_content or ():
        fits = change_document(server, each.document, each.changes) and fits
    if not fits:
        raise JsonRpcInvalidParams("The change does not fit the open notebook")


def notebook_did_close(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """Close the cells that the client names and the remaining ones of the notebook.

    Raises JsonRpcInvalidParams, for the log, if the notebook was not open.
    """
    cells = server.session.notebooks.close(params.notebook_document.uri)
    for uri in (*(each.uri for each in params.cell_text_documents), *(cells or ())):
        close_document(server, uri)
    if cells is None:
        raise JsonRpcInvalidParams("There is no such notebook")


def _restructure(
    server: Server, uri: str, structure: types.NotebookDocumentCellChangeStructure
) -> bool:
    """Open and close cells and splice the notebook; False if the splice does not fit."""
    # Closed first: a cell that changes its language may do both under one URI.
    for document in structure.did_close or ():
        close_document(server, document.uri)
    for item in structure.did_open or ():
        open_document(server, item)
    array = structure.array
    return server.session.notebooks.splice(uri, array.start, array.delete_count, array.cells or ())
