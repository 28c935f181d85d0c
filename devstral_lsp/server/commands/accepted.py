"""`devstral.accepted [id, …]`: an item was accepted whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def accepted(server: Server, params: types.ExecuteCommandParams) -> None:
    """Pass the completion's id on."""
    match params.arguments:
        case [str(completion_id), *_]:
            server.accepted(completion_id)
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes the id of a completion")
