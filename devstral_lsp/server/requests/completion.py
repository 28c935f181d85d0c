"""`textDocument/completion`: the same completions for editors that only have a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server import convert_completion
from devstral_lsp.server.capabilities import wants_menu
from devstral_lsp.server.session import DocumentView

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server

EMPTY = types.CompletionList(is_incomplete=True, items=[])
"""Incomplete, like every answer: at the next key there may be something else to offer."""


async def completion(
    server: Server, view: DocumentView, params: types.CompletionParams
) -> types.CompletionList:
    """What the engine offers at the cursor, as menu items; none if the menu is not wanted."""
    if not wants_menu(server.client, server.resolved.settings):
        return EMPTY
    request = convert_completion.completion_request(view, params.position, server.client.encoding)
    completions = await server.complete(request)
    items = [
        convert_completion.completion_item(request, each, server.client) for each in completions
    ]
    return types.CompletionList(is_incomplete=True, items=[item for item in items if item])
