"""`devstral.task [{instruction, uri?}]`: changes the project as the user's own words say.

`uri` is the document that they look at. The editor shows all of it before anything is changed.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.project_task import task_action_data

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def task(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """Begin the work."""
    match params.arguments:
        case [{"instruction": str(said), "uri": str(focus)}] if said.strip():
            order = task_action_data(said.strip(), focus)
        case [{"instruction": str(said)}] if said.strip():
            order = task_action_data(said.strip(), "")
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes {{instruction, uri?}}")
    job = server.refactoring.start_task(order, params.work_done_token)
    return server.refactoring.run_and_present(job)
