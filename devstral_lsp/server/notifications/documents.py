"""`textDocument/didOpen`, `didChange`, `didClose` and `didSave`.

The same functions open, change and close the cells of notebooks.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from devstral_lsp.config.readers import PROJECT_FILE
from devstral_lsp.server.server import Server
from devstral_lsp.server.session import is_valid_uri
from devstral_lsp.server.settings_sync import refresh


def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take the document into the session and show it to the application."""
    open_document(server, params.text_document)


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits, each of which counts positions in the text that the previous one left."""
    change_document(server, params.text_document, params.content_changes)


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document: from now on the file on disk counts."""
    close_document(server, params.text_document.uri)


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Read the settings again if a settings file was saved. Some editors watch no files."""
    uri = params.text_document.uri
    if uri.endswith(f"/{PROJECT_FILE}") or to_fs_path(uri) == str(server.configuration.user_file):
        refresh(server)


def open_document(server: Server, item: types.TextDocumentItem) -> None:
    """Open a document or a notebook's cell.

    Raises JsonRpcInvalidParams if its URI cannot be parsed: later readers of it would fail.
    """
    if not is_valid_uri(item.uri):
        raise JsonRpcInvalidParams("The URI of the document cannot be read")
    snapshot = server.session.open(item.uri, str(item.language_id), item.version, item.text)
    server.changed(snapshot)
    if server.started_app is not None:
        server.create_background_task("connecting", server.started_app.warm(snapshot))


def change_document(
    server: Server,
    document: types.VersionedTextDocumentIdentifier,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> bool:
    """Change a document or a notebook's cell; False if it is not open."""
    snapshot = server.session.change(
        document.uri, document.version, changes, server.refactoring.review_comments.track_edit
    )
    if snapshot is None:
        return False
    server.changed(snapshot)
    return True


def close_document(server: Server, uri: str) -> None:
    """Close a document or a notebook's cell, if it is open."""
    if server.session.close(uri):
        server.closed(uri)
