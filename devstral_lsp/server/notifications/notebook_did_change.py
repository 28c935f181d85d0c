"""`notebookDocument/didChange`: cells come, go and move, change their kind or their text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.notifications.did_change import change_document
from devstral_lsp.server.notifications.did_close import close_document
from devstral_lsp.server.notifications.did_open import open_document

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def notebook_did_change(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Take whatever of the change fits the notebook as it is known.

    Raises JsonRpcInvalidParams, for the log, if not all of it did. The notebook's own metadata and
    the outputs of its cells are no program text.
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
        raise JsonRpcInvalidParams("The change does not fit the notebook as it is known")


def _restructure(
    server: Server, uri: str, structure: types.NotebookDocumentCellChangeStructure
) -> bool:
    """Splice the cells; False if that cannot be. Their documents come and go in any case."""
    # Closed first: a cell that changes its language may do both under one URI.
    for document in structure.did_close or ():
        close_document(server, document.uri)
    for item in structure.did_open or ():
        open_document(server, item)
    array = structure.array
    return server.session.notebooks.splice(uri, array.start, array.delete_count, array.cells or ())
