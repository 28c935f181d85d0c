"""`exit`: the process is to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def exit_(server: Server, _: None) -> None:
    """End the session; the exit code tells whether `shutdown` came first."""
    server.end()
