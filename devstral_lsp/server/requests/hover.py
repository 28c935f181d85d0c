"""`textDocument/hover`: an explanation that was asked for, in editors that show no documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server.positions import offset_at

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server
    from devstral_lsp.server.session import DocumentView

EMPTY = None


async def hover(
    server: Server, view: DocumentView, params: types.HoverParams
) -> types.Hover | None:
    """What was explained at the place, if anything."""
    text = view.snapshot.text
    offset = offset_at(text, params.position, server.client.encoding)
    markdown = server.refactoring.explanations.hover_at(view.snapshot.uri, offset)
    if markdown is None:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown))
