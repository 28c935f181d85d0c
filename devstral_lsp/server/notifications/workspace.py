"""`workspace/did…`: settings, watched files and folders; and `window/workDoneProgress/cancel`."""

from __future__ import annotations

from lsprotocol import types

from devstral_lsp.server.server import Server
from devstral_lsp.server.settings_layers import SettingsChannel
from devstral_lsp.server.settings_sync import refresh


def did_change_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Apply the settings that were pushed, and ask for them. Null only says that some changed."""
    if params.settings is not None:
        server.configuration.set(SettingsChannel.PUSHED, params.settings)
    refresh(server)


def did_change_watched_files(server: Server, _: types.DidChangeWatchedFilesParams) -> None:
    """Read the settings again: only their files are watched."""
    refresh(server)


def did_change_workspace_folders(
    server: Server, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Update the folders, and the settings: project files come and go with folders."""
    server.session.change_folders(
        added=[folder.uri for folder in params.event.added],
        removed=[folder.uri for folder in params.event.removed],
    )
    if server.started_app is not None:
        server.started_app.set_workspace_folders(server.session.folders)
    refresh(server)


def work_done_progress_cancel(server: Server, params: types.WorkDoneProgressCancelParams) -> None:
    """Cancel the work whose progress has this token: the user clicked its button."""
    server.refactoring.jobs.cancel(params.token)
