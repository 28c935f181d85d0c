"""`initialized`: register, ask for settings, and start what `initialize` did not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server import parent_process

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def initialized(server: Server, _: types.InitializedParams) -> None:
    """The client is ready for requests of ours."""
    server.start_app()
    if server.process_id is not None:
        server.create_background_task(
            "parent", parent_process.watch_parent(server.process_id, server.end)
        )
