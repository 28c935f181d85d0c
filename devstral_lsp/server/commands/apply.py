"""`devstral.apply [order]`: does what a code action has offered, and has the editor make the edit.

What the editor runs where it takes no lazy actions, and what an action becomes that takes long.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.action_data import ActionData

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def apply(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """Begin the work, or join it if it was begun when the action was resolved."""
    order = ActionData.from_json(params.arguments[0]) if params.arguments else None
    if order is None:
        raise JsonRpcInvalidParams(f"{params.command} takes the data of a code action")
    job = server.refactoring.start(order, params.work_done_token)
    return server.refactoring.run_and_present(job)
