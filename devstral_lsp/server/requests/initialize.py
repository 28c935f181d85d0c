"""`initialize`: learn what the client can do and say what we can.

Answered before anything heavy is imported. What needs the application waits for `initialized`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from devstral_lsp import __version__
from devstral_lsp.server.access_token import without_token
from devstral_lsp.server.capabilities import server_capabilities
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.commands import COMMANDS
from devstral_lsp.server.protocol import State
from devstral_lsp.server.settings_layers import SettingsChannel

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def initialize(server: Server, params: types.InitializeParams) -> types.InitializeResult:
    """Begin the session."""
    server.client = ClientCapabilities.of(params)
    server.session.encoding = server.client.encoding
    server.session.change_folders(added=_folders(params))
    server.process_id = params.process_id
    server.notices.send_status = server.client.wants_status
    server.configuration.set(
        SettingsChannel.INITIALIZE, without_token(params.initialization_options)
    )
    server.configuration.awaits_editor = server.client.answers_configuration
    server.reload_settings()
    capabilities = server_capabilities(server.client, server.resolved.settings, COMMANDS)
    server.protocol.state = State.RUNNING
    return types.InitializeResult(
        capabilities=capabilities,
        server_info=types.ServerInfo(name=server.name, version=__version__),
    )


def _folders(params: types.InitializeParams) -> list[str]:
    """The URIs of the workspace folders, or of the one root that older clients give."""
    if params.workspace_folders is not None:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri is not None:
        return [params.root_uri]
    uri = from_fs_path(params.root_path) if params.root_path else None
    return [uri] if uri else []
