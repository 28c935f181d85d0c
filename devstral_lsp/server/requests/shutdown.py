"""`shutdown`: finish everything, so that `exit` finds nothing left to do."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from devstral_lsp.server.protocol import State

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def shutdown(server: Server, _: None) -> Awaitable[None]:
    """Refuse further requests from this moment on, and answer once those in flight have been."""
    server.protocol.state = State.SHUT_DOWN
    return server.close()
