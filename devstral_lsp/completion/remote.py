"""The stages that need the network: a stream that is on its way, a pause, a request.

Says what an endpoint has to say at a place. Whether that is shown, and what is remembered of it, is
the engine's matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from devstral_lsp.completion.debounce import SUPPRESSED_DELAY_MS
from devstral_lsp.completion.inflight import InflightStream
from devstral_lsp.completion.sessions import DocumentSession, DocumentSessions, RequestTurn
from devstral_lsp.completion.task import CompletionTask
from devstral_lsp.completion.types import CursorContext, Draft, Origin
from devstral_lsp.completion.upstream import Upstream
from devstral_lsp.observability.trace import ErrorSummary, annotate
from devstral_lsp.providers.base import FimRequest


class RemoteCompleter:
    """One endpoint, asked for all documents.

    `wait_ms` tells how long a pause must be before a request, `asked` hears that one was sent, and
    `ended` that the stream for a document is over.
    """

    def __init__(
        self,
        upstream: Upstream,
        documents: DocumentSessions,
        *,
        wait_ms: Callable[[CursorContext], float],
        asked: Callable[[], None],
        ended: Callable[[str, InflightStream], None],
    ) -> None:
        self.upstream = upstream
        self._documents = documents
        self._wait_ms = wait_ms
        self._asked = asked
        self._ended = ended

    async def complete(
        self, question: CompletionTask, document: DocumentSession, turn: RequestTurn
    ) -> tuple[Draft | None, Origin]:
        """What the endpoint says, "" included; None if it cannot be asked or was not heard out."""
        upstream = self.upstream
        if document.stream is not None and not document.stream.done:
            draft = await upstream.await_suggestion(document.stream, question, turn)
            is_answer = draft is not None and not question.wants_more_than(document.stream.finish)
            if is_answer or turn.is_superseded:
                return draft, Origin.INFLIGHT
            document.cancel_stream()
        if not upstream.is_available and not question.is_manual:
            error = ErrorSummary(upstream.last_error)
            facts = {"verdict": "error", "error": type(upstream.last_error).__name__}
            annotate("%s is left alone after %s", upstream.name, error, stage="backoff", **facts)
            return None, Origin.REQUEST
        stream = await self._ask(question, document, turn)
        draft = await upstream.await_suggestion(stream, question, turn) if stream else None
        while stream is not None and upstream.shrink_prompt_after(stream):
            stream = await self._ask(question, document, turn)
            draft = await upstream.await_suggestion(stream, question, turn) if stream else None
        return draft, Origin.REQUEST

    def coming(self, question: CompletionTask, document: DocumentSession) -> Draft | None:
        """The first unit of what has come of the document's stream, if it has failed in nothing."""
        stream = document.stream
        if stream is None or stream.error is not None:
            return None
        return stream.draft_at(question.place, question.kind)

    async def heard(
        self, begun: CompletionTask, document: DocumentSession, turn: RequestTurn
    ) -> Draft | None:
        """The suggestion of a stream in flight for `begun`, if it agrees; sends no request."""
        stream = document.stream
        if stream is None or stream.done or not stream.remainder_at(begun.place):
            return None
        return await self.upstream.await_suggestion(stream, begun, turn)

    async def alternatives(
        self, question: CompletionTask, document: DocumentSession, turn: RequestTurn
    ) -> Sequence[Draft]:
        """What else the model says, for a user who asks again at the same place."""
        if document.candidates is None:
            asking = self.upstream.further(question, document.cache_key)
            document.candidates = await turn.run_unless_superseded(asking)
        return document.candidates or ()

    async def prefetch(self, question: CompletionTask, document: DocumentSession) -> bool:
        """Ask at once, for later; False where that cannot be or a stream is on its way already."""
        request = await self.upstream.request(question, document.cache_key)
        if not self.upstream.is_available or (
            document.stream is not None and not document.stream.done
        ):
            return False
        self._open(question, document, request).is_prefetch = True
        return True

    async def _ask(
        self, question: CompletionTask, document: DocumentSession, turn: RequestTurn
    ) -> InflightStream | None:
        """Wait for a pause, then ask; None if a newer request came meanwhile."""
        wait_ms = 0.0 if question.is_manual else self._wait_ms(question.place)
        question = replace(question, is_pause=wait_ms >= SUPPRESSED_DELAY_MS)
        making = self.upstream.request(question, document.cache_key)
        request = await making if wait_ms <= 0 else await _after_pause(turn, wait_ms, making)
        if request is None or turn.is_superseded:
            facts = {"verdict": "superseded", "by": turn.superseded_by}
            words = "superseded before it was asked"
            annotate(words, stage="debounce", wait_ms=wait_ms, **facts)
            return None
        asked = (self.upstream.name, wait_ms)
        annotate("asked %s after a pause of %.0f ms", *asked, stage="debounce", wait_ms=wait_ms)
        return self._open(question, document, request)

    def _open(
        self, question: CompletionTask, document: DocumentSession, request: FimRequest
    ) -> InflightStream:
        self._asked()
        stream = self.upstream.start_stream(question, request, partial(self._ended, question.uri))
        self._documents.attach_stream(document, stream)
        return stream


async def _after_pause(
    turn: RequestTurn, wait_ms: float, making: Coroutine[Any, Any, FimRequest]
) -> FimRequest | None:
    """What is made while the pause lasts; None if it did not."""
    request = asyncio.ensure_future(making)
    try:
        return await request if await turn.sleep_unless_superseded(wait_ms) else None
    finally:
        request.cancel()
