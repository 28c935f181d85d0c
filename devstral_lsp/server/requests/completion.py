"""`textDocument/inlineCompletion` (LSP 3.18), and `textDocument/completion` for the menu."""

from __future__ import annotations

from dataclasses import replace

from lsprotocol import types

from devstral_lsp.config.schema import ON_REQUEST
from devstral_lsp.server import convert_completion
from devstral_lsp.server.capabilities import wants_menu
from devstral_lsp.server.editor_extension import RESPONSE_DEADLINE_MS
from devstral_lsp.server.server import Server
from devstral_lsp.server.session import DocumentView

NO_INLINE_COMPLETIONS = types.InlineCompletionList(items=[])

NO_COMPLETIONS = types.CompletionList(is_incomplete=True, items=[])
"""Incomplete, like every list: the next key may bring another completion."""


async def inline_completion(
    server: Server, view: DocumentView, params: types.InlineCompletionParams
) -> types.InlineCompletionList:
    """The engine's completions at the cursor, as text to show after it."""
    encoding = server.client.encoding
    request = convert_completion.inline_completion_request(view, params, encoding)
    if server.client.supports_ready_notification:
        request = replace(request, deadline_ms=RESPONSE_DEADLINE_MS)
    items = [
        convert_completion.inline_completion_item(request, each, encoding)
        for each in await server.complete(request)
    ]
    server.ghost_text = (view.snapshot, params.position) if items else None
    if items and server.started_app is not None:
        server.started_app.next_edits.covered()
    return types.InlineCompletionList(items=items)


async def completion(
    server: Server, view: DocumentView, params: types.CompletionParams
) -> types.CompletionList:
    """The same completions as menu items; none if the settings want no menu."""
    if not wants_menu(server.client, server.resolved.settings):
        return NO_COMPLETIONS
    request = convert_completion.completion_request(view, params.position, server.client.encoding)
    by_hand = params.context and params.context.trigger_kind == types.CompletionTriggerKind.Invoked
    if by_hand and server.resolved.settings.completion.mode == ON_REQUEST:
        # Some editors say so while the user types, too: there, their menu's own setting decides.
        request = convert_completion.by_hand(request)
    items = [
        convert_completion.completion_item(request, each, server.client)
        for each in await server.complete(request)
    ]
    return types.CompletionList(is_incomplete=True, items=[item for item in items if item])
