"""`textDocument/copilotPanelCompletion`, an extension of Copilot's: alternative completions.

Params: {textDocument, position, partialResultToken?}; result: {items}, which are inline completion
items. With a token, the items are sent in `$/progress`, and the result contains none (LSP 3.17,
"Partial Result Progress").
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server import convert_completion
from devstral_lsp.server.server import Server

if TYPE_CHECKING:
    from devstral_lsp.completion.types import CompletionRequest

METHOD = "textDocument/copilotPanelCompletion"


def panel_completion(server: Server, params: Any) -> Awaitable[dict[str, Any]]:
    """The alternatives at a position of the document as it is now. Raises JsonRpcInvalidParams."""
    match params:
        case {"textDocument": {"uri": str(uri)}, "position": dict(raw_position)}:
            position = server.protocol.structure(
                raw_position, types.Position, f"Invalid params for {METHOD}"
            )
        case _:
            raise JsonRpcInvalidParams(f"{METHOD} takes {{textDocument, position}}")
    token = params.get("partialResultToken")
    if isinstance(token, bool) or not isinstance(token, int | str | None):
        raise JsonRpcInvalidParams("partialResultToken is no token")
    view = server.session.view(uri)
    if view is None:
        raise JsonRpcInvalidParams("The document is not open")
    request = convert_completion.completion_request(view, position, server.client.encoding)
    return _alternatives(server, convert_completion.as_invoked(request), token)


async def _alternatives(
    server: Server, request: CompletionRequest, token: int | str | None
) -> dict[str, Any]:
    """Invoke the engine twice: a second request at the same place returns further completions."""
    shown: dict[str, types.InlineCompletionItem] = {}
    for _ in range(2):
        found = await server.complete(request)
        items = [
            convert_completion.inline_completion_item(request, each, server.client.encoding)
            for each in found
        ]
        new = {str(each.insert_text): each for each in items if each.insert_text not in shown}
        shown |= new
        if token is not None and new:
            value = {"items": [*new.values()]}
            server.protocol.notify(types.PROGRESS, {"token": token, "value": value})
        if not found:
            break
    return {"items": [] if token is not None else [*shown.values()]}
