"""`textDocument/hover`: the explanation of the code at the position, if there is one."""

from __future__ import annotations

from lsprotocol import types

from devstral_lsp.server.positions import offset_at
from devstral_lsp.server.server import Server
from devstral_lsp.server.session import DocumentView


async def hover(
    server: Server, view: DocumentView, params: types.HoverParams
) -> types.Hover | None:
    """The explanation as Markdown."""
    offset = offset_at(view.snapshot.text, params.position, server.client.encoding)
    markdown = server.refactoring.explanations.hover_at(view.snapshot.uri, offset)
    if markdown is None:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown))
