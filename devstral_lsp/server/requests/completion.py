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
"""Incomplete, like every list: the completions change with the next key."""


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
    """The same completions as menu items; none if the settings disable the menu."""
    if not wants_menu(server.client, server.resolved.settings):
        return NO_COMPLETIONS
    request = convert_completion.completion_request(view, params.position, server.client.encoding)
    invoked = params.context and params.context.trigger_kind == types.CompletionTriggerKind.Invoked
    if invoked and server.resolved.settings.completion.mode == ON_REQUEST:
        # In the other modes not, because some editors send Invoked while the user types.
        request = convert_completion.as_invoked(request)
    items = [
        convert_completion.completion_item(request, each, server.client)
        for each in await server.complete(request)
    ]
    return types.CompletionList(is_incomplete=True, items=[item for item in items if item])
