"""`textDocument/didSave`: matters for files of our settings, in editors that do not watch them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from devstral_lsp.config.readers import PROJECT_FILE
from devstral_lsp.server.settings_sync import refresh

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Read the settings anew if they were what was saved."""
    uri = params.text_document.uri
    if uri.endswith(f"/{PROJECT_FILE}") or to_fs_path(uri) == str(server.configuration.user_file):
        refresh(server)
