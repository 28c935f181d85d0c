"""`workspace/didChangeConfiguration`: settings pushed by the editor, or a hint to ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server.settings_layers import SettingsChannel
from devstral_lsp.server.settings_sync import refresh

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_change_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take what was pushed, then ask. Null says only that something changed."""
    if params.settings is not None:
        server.configuration.set(SettingsChannel.PUSHED, params.settings)
    refresh(server)
