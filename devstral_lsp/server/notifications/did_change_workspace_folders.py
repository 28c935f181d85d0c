"""`workspace/didChangeWorkspaceFolders`: where the user's code is, and a project file may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server.settings_sync import refresh

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_change_workspace_folders(
    server: Server, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Follow the folders, and the project file that may come or go with them."""
    server.session.change_folders(
        added=[folder.uri for folder in params.event.added],
        removed=[folder.uri for folder in params.event.removed],
    )
    server.watch_folders()
    refresh(server)
