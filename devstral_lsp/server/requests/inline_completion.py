"""`textDocument/inlineCompletion` (LSP 3.18): the text to show after the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.server import convert_completion
from devstral_lsp.server.editor_extension import RESPONSE_DEADLINE_MS
from devstral_lsp.server.session import DocumentView

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server

EMPTY = types.InlineCompletionList(items=[])


async def inline_completion(
    server: Server, view: DocumentView, params: types.InlineCompletionParams
) -> types.InlineCompletionList:
    """What the engine offers at the cursor, nothing included."""
    encoding = server.client.encoding
    request = convert_completion.inline_completion_request(view, params, encoding)
    if server.client.supports_ready_notification:
        request = replace(request, deadline_ms=RESPONSE_DEADLINE_MS)
    completions = await server.complete(request)
    return types.InlineCompletionList(
        items=[
            convert_completion.inline_completion_item(request, each, encoding)
            for each in completions
        ]
    )
