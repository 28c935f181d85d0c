"""Requests and notifications to the devstral extension of an editor: keys, late completions.

They depend on declared capabilities. Keys are neither stored nor logged here.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from functools import partial
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcException

from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.positions import position_at

if TYPE_CHECKING:
    from devstral_lsp.completion.editor_extension import EditorExtension
    from devstral_lsp.completion.types import CompletionRequest
    from devstral_lsp.context.members.editor import AskEditor

KEY = "devstral/key"
"""Request to an editor that stores keys: {host}, an origin ("https://api.mistral.ai").

It answers {key}, the key that it stores for exactly this origin, or null. Sent only to clients that
declare `experimental.devstralKey`, whenever a key is needed: no key is part of any setting.
"""

INLINE_COMPLETION_READY = "devstral/inlineCompletionReady"
"""Notification to the client: {textDocument: {uri, version}, position}. There is now a completion
for a request that was cancelled, or a longer one than was returned; the client may ask again. Sent
only to clients that declare `experimental.devstralInlineCompletionReady`."""

KEY_COMMAND = "Devstral: Set API Key"
"""The command that stores a key, as the extension for VS Code names it."""

RESPONSE_DEADLINE_MS = 500.0
"""VS Code 1.139 drops an inline completion 710 to 740 ms after its request, at a word's end; on a
busy machine an answer after 600 ms came too late."""

KEY_TIMEOUT_S = 5.0
"""How long to wait for a key: the editor looks it up without asking the user."""


def editor_extension(server: ServerContext) -> EditorExtension:
    """The services of the extension. Call this within the running event loop."""
    from devstral_lsp.completion.editor_extension import EditorExtension
    from devstral_lsp.config.keys import no_editor_keys

    client, loop = server.client, asyncio.get_running_loop()

    def find_key(origin: str) -> str | None:
        """Called from any thread but the event loop's."""
        try:
            return asyncio.run_coroutine_threadsafe(_request_key(server, origin), loop).result()
        except CancelledError:  # the session is over
            return None

    return EditorExtension(
        editor_keys=find_key if client.stores_keys else no_editor_keys,
        key_command=KEY_COMMAND if client.stores_keys else "",
        offers_remedies=client.offers_remedies,
        ready=partial(_notify_ready, server),
        definition=_definitions(server) if client.answers_definitions else None,
    )


def _definitions(server: ServerContext) -> AskEditor:
    from devstral_lsp.server.editor_definitions import EditorDefinitions

    return EditorDefinitions(server).ask


async def _request_key(server: ServerContext, origin: str) -> str | None:
    request = server.protocol.send_request(KEY, {"host": origin})
    try:
        answer = await asyncio.wait_for(request, KEY_TIMEOUT_S)
    except (JsonRpcException, TimeoutError):
        return None
    match answer:
        case {"key": str(key)}:
            return key
    return None


def _notify_ready(server: ServerContext, request: CompletionRequest) -> None:
    """Notify the client of a late completion, unless the document has changed since."""
    snapshot, client = request.snapshot, server.client
    is_current = server.session.snapshot(snapshot.uri) is snapshot
    if not client.supports_ready_notification or not is_current:
        return
    at = position_at(snapshot.text, request.offset, client.encoding)
    params = {
        "textDocument": {"uri": snapshot.uri, "version": snapshot.version},
        "position": {"line": at.line, "character": at.character},
    }
    server.protocol.notify(INLINE_COMPLETION_READY, params)
