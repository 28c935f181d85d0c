"""`devstral.rewrite [{uri, range, instruction}]`: changes code as the user's own words say.

For editors that can ask for words. The others have the action that follows a comment.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.refactor.types import RefactorSelection
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.positions import span_of

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def rewrite(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """Begin the work on what is selected, in the document as it is now. Raises RefactorRefused."""
    order = _order(server, params)
    job = server.refactoring.start(order, params.work_done_token)
    return server.refactoring.run_and_present(job)


def _order(server: Server, params: types.ExecuteCommandParams) -> ActionData:
    # Not before it is needed: actions look at code, and what parses it is heavy.
    from devstral_lsp.refactor.actions.instruct import offer_of

    match params.arguments:
        case [{"uri": str(uri), "range": dict(told), "instruction": str(said)}]:
            range_ = _range(server, told)
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes {{uri, range, instruction}}")
    snapshot = server.session.snapshot(uri)
    if snapshot is None:
        raise JsonRpcInvalidParams("The document is not open")
    span = span_of(snapshot.text, range_, server.client.encoding)
    offer = offer_of(RefactorSelection(snapshot, span), said)
    return ActionData(offer, uri, snapshot.version or 0)


def _range(server: Server, told: dict[str, Any]) -> types.Range:
    try:
        found: types.Range = server.protocol.structure(told, types.Range)
    except Exception:  # noqa: BLE001
        # Whatever a converter raises on foreign data, and without its words.
        raise JsonRpcInvalidParams("The range cannot be read") from None
    return found
