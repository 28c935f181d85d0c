"""`textDocument/didShowCompletion`, of Copilot's dialect: an item is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devstral_lsp.server import protocol_extensions

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_show_completion(server: Server, params: Any) -> None:
    """From now on the user reads it."""
    server.shown(protocol_extensions.completion_id(params))
