"""The stages that need the network: a stream that is on its way, a pause, a request.

Says what an endpoint has to say at a place. Whether that is shown, and what is remembered of it, is
the engine's matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from devstral_lsp.completion.documents import Documents, OpenDocument, Turn
from devstral_lsp.completion.inflight import Stream
from devstral_lsp.completion.question import Question
from devstral_lsp.completion.request import Draft, Place, Tier
from devstral_lsp.completion.upstream import Upstream
from devstral_lsp.providers.base import FimRequest
from devstral_lsp.story import Failure, note


class Network:
    """One endpoint, asked for all documents.

    `wait_ms` tells how long a pause must be before a request, `asked` hears that one was sent, and
    `ended` that the stream for a document is over.
    """

    def __init__(
        self,
        upstream: Upstream,
        documents: Documents,
        *,
        wait_ms: Callable[[Place], float],
        asked: Callable[[], None],
        ended: Callable[[str, Stream], None],
    ) -> None:
        self.upstream = upstream
        self._documents = documents
        self._wait_ms = wait_ms
        self._asked = asked
        self._ended = ended

    async def draft(
        self, question: Question, document: OpenDocument, turn: Turn
    ) -> tuple[Draft | None, Tier]:
        """What the endpoint says, "" included; None if it cannot be asked or was not heard out."""
        upstream = self.upstream
        if document.stream is not None and not document.stream.done:
            draft = await upstream.listen(document.stream, question, turn)
            if draft is not None or turn.stale:
                return draft, Tier.JOINED
            document.hang_up()
        if not upstream.open and not question.invoked:
            note("%s is left alone after %s", upstream.name, Failure(upstream.trouble))
            return None, Tier.ASKED
        stream = await self._ask(question, document, turn)
        draft = await upstream.listen(stream, question, turn) if stream else None
        if stream is not None and upstream.shrinks_for(stream):
            stream = await self._ask(question, document, turn)
            draft = await upstream.listen(stream, question, turn) if stream else None
        return draft, Tier.ASKED

    async def ask_ahead(self, question: Question, document: OpenDocument) -> bool:
        """Ask at once, for later; False where that cannot be or a stream is on its way already."""
        request = await self.upstream.request(question, document.cache_key)
        if not self.upstream.open or (document.stream is not None and not document.stream.done):
            return False
        self._open(question, document, request).is_ahead = True
        return True

    async def _ask(self, question: Question, document: OpenDocument, turn: Turn) -> Stream | None:
        """Wait for a pause, then ask; None if a newer request came meanwhile."""
        wait_ms = 0.0 if question.invoked else self._wait_ms(question.place)
        making = self.upstream.request(question, document.cache_key)
        request = await making if wait_ms <= 0 else await _after_pause(turn, wait_ms, making)
        if request is None or turn.stale:
            note("superseded before it was asked")
            return None
        note("asked %s after a pause of %.0f ms", self.upstream.name, wait_ms)
        return self._open(question, document, request)

    def _open(self, question: Question, document: OpenDocument, request: FimRequest) -> Stream:
        self._asked()
        stream = self.upstream.ask(question, request, partial(self._ended, question.uri))
        self._documents.listen_to(document, stream)
        return stream


async def _after_pause(
    turn: Turn, wait_ms: float, making: Coroutine[Any, Any, FimRequest]
) -> FimRequest | None:
    """What is made while the pause lasts; None if it did not."""
    request = asyncio.ensure_future(making)
    try:
        return await request if await turn.lasts(wait_ms) else None
    finally:
        request.cancel()
