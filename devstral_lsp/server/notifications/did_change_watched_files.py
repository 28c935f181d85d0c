"""`workspace/didChangeWatchedFiles`: the files of settings, which are all that we have watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server.settings_sync import refresh

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_change_watched_files(server: Server, _: types.DidChangeWatchedFilesParams) -> None:
    """Read the settings anew."""
    refresh(server)
