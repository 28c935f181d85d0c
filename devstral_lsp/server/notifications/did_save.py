"""`textDocument/didSave`: matters for our own project file, in editors that watch no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.config.sources import PROJECT_FILE
from devstral_lsp.server.settings import refresh

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Read the settings anew if they were what was saved."""
    if params.text_document.uri.endswith(f"/{PROJECT_FILE}"):
        server.in_background("settings", refresh(server))
