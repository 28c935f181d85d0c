"""`initialize`, `initialized`, `shutdown` and `exit`.

`initialize` is answered before anything heavy is imported. The application starts with
`initialized`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Iterable

from lsprotocol import types
from pygls.uris import from_fs_path

from devstral_lsp import __version__
from devstral_lsp.server.admission import without_token
from devstral_lsp.server.capabilities import server_capabilities
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.protocol import State
from devstral_lsp.server.server import Server
from devstral_lsp.server.settings_layers import SettingsChannel

NAME = "devstral-lsp"

_PARENT_POLL_INTERVAL_S = 2.0


def initialize(
    server: Server, params: types.InitializeParams, commands: Iterable[str]
) -> types.InitializeResult:
    """Store the client's capabilities, and return the server's. `commands` are their names."""
    server.client = ClientCapabilities.of(params)
    server.session.encoding = server.client.encoding
    server.session.change_folders(added=_folders(params))
    server.process_id = params.process_id
    server.messages.send_status = server.client.wants_status
    server.configuration.set(
        SettingsChannel.INITIALIZE, without_token(params.initialization_options)
    )
    server.configuration.awaits_editor = server.client.answers_configuration
    server.reload_settings()
    capabilities = server_capabilities(server.client, server.resolved.settings, commands)
    server.protocol.state = State.RUNNING
    return types.InitializeResult(
        capabilities=capabilities, server_info=types.ServerInfo(name=NAME, version=__version__)
    )


def initialized(server: Server, _: types.InitializedParams) -> None:
    """Start the application. From now on the server may send requests to the client."""
    pid = server.process_id
    # There is no such process if the client is in another container or on another host. Windows has
    # no cheap way to find out.
    if pid is not None and os.name != "nt" and _is_alive(pid):
        server.create_background_task("parent", _end_with_parent(server, pid))
    server.start_app()


def shutdown(server: Server, _: None) -> Awaitable[None]:
    """Refuse further requests from now on, and answer once the running ones have been answered."""
    server.protocol.state = State.SHUT_DOWN
    return server.close()


def exit_(server: Server, _: None) -> None:
    """End the session; `Server.exit_code` depends on whether `shutdown` came first."""
    server.ended.set()


def _folders(params: types.InitializeParams) -> list[str]:
    """The URIs of the workspace folders, or of the one root that older clients send."""
    if params.workspace_folders is not None:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri is not None:
        return [params.root_uri]
    uri = from_fs_path(params.root_path) if params.root_path else None
    return [uri] if uri else []


async def _end_with_parent(server: Server, pid: int) -> None:
    """End the session when the editor's process has ended, as LSP demands.

    Stdin may stay open then.
    """
    while _is_alive(pid):  # noqa: ASYNC110 - no event for this exists on every system
        await asyncio.sleep(_PARENT_POLL_INTERVAL_S)
    server.ended.set()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
