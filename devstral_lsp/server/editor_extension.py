"""An extension of ours in the editor: it keeps keys, and asks again when there is more to show.

Both go by what the client declared. A key is passed on and neither kept nor written down here;
which host it may go to is decided in `config/trust.py`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcException

from devstral_lsp.server.positions import position_at

if TYPE_CHECKING:
    from devstral_lsp.completion.companion import Companion
    from devstral_lsp.completion.types import CompletionRequest
    from devstral_lsp.server.server import Server

KEY = "devstral/key"
"""Request to an editor that keeps keys: {host}, an origin ("https://api.mistral.ai").

It answers {key}, the one that its user keeps for that very origin, or null. Sent only to clients
that declare `experimental.devstralKey`, each time anew: no key is part of any setting.
"""

INLINE_COMPLETION_READY = "devstral/inlineCompletionReady"
"""Notification to the client: {textDocument: {uri, version}, position}. There is now a completion
for a request that was cancelled, or a longer one than was returned; the client may ask again. Sent
only to clients that declare `experimental.devstralInlineCompletionReady`."""

KEY_COMMAND = "Devstral: Set API Key"
"""What takes a key in an editor that keeps them, by its name in our extension for VS Code."""

RESPONSE_DEADLINE_MS = 500.0
"""VS Code 1.139 gives up an inline completion 710 to 740 ms after it asked, at a word's end; on a
busy machine an answer after 600 ms was seen to come too late."""

_ANSWER_S = 5.0
"""How long a key is waited for: nobody is asked anything, the editor only looks it up."""


def editor_extension(server: Server) -> Companion:
    """What the application may expect of this client. Call it within the running event loop."""
    from devstral_lsp.completion.companion import Companion
    from devstral_lsp.config.keys import no_editor_keys

    client = server.client
    return Companion(
        kept=_Keys(server, asyncio.get_running_loop()) if client.stores_keys else no_editor_keys,
        key_command=KEY_COMMAND if client.stores_keys else "",
        ready=_Ready(server) if client.supports_ready_notification else _nobody_to_tell,
    )


class _Keys:
    """Asks the client, from any thread but the loop's own."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop

    def __call__(self, origin: str) -> str | None:
        asking = asyncio.run_coroutine_threadsafe(self._ask(origin), self._loop)
        try:
            return asking.result()
        except CancelledError:  # the session is over
            return None

    async def _ask(self, origin: str) -> str | None:
        request = self._server.protocol.send_request(KEY, {"host": origin})
        try:
            answer = await asyncio.wait_for(request, _ANSWER_S)
        except (JsonRpcException, TimeoutError):
            return None
        match answer:
            case {"key": str(key)}:
                return key
        return None


class _Ready:
    """Tells the client where it may ask again, unless the document has moved on."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __call__(self, request: CompletionRequest) -> None:
        snapshot = request.snapshot
        if self._server.session.snapshot(snapshot.uri) is not snapshot:
            return
        at = position_at(snapshot.text, request.offset, self._server.client.encoding)
        told = {
            "textDocument": {"uri": snapshot.uri, "version": snapshot.version},
            "position": {"line": at.line, "character": at.character},
        }
        self._server.protocol.notify(INLINE_COMPLETION_READY, told)


def _nobody_to_tell(_: CompletionRequest) -> None: ...
