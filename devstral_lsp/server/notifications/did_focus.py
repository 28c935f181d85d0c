"""`textDocument/didFocus`, of Copilot's dialect: the user looks at another document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devstral_lsp.server import protocol_extensions

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def did_focus(server: Server, params: Any) -> None:
    """Make the document the current one. With none in focus, the last one stays."""
    uri = protocol_extensions.parse_focused_uri(params)
    if uri is not None:
        server.focused(uri)
