"""The provider that completes from the user's own code: no key, no network, no model.

It returns as much of a line as is probable, or nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from devstral_lsp.local.corpus import Corpus, CorpusLimits
from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.document_index import DocumentIndex
from devstral_lsp.local.ngram_index import IndexedPassage
from devstral_lsp.local.predict import Prediction, predict
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits

_CHARS_PER_TOKEN = 3
"""A low estimate for code, to convert `max_tokens` into code points."""

# Budgets are CPU time of this thread (`time.thread_time`): while other programs have the processor,
# no answer is cut short. On Windows that clock ticks every 16 ms, so there a budget may be exceeded
# by that much.

_SLICE_MS = 1.0
"""CPU time of one slice of background indexing; one passage takes 2 to 4 ms."""

_REQUEST_MS = 1.5
"""The same for the open document within a request; its passages take under 1 ms each."""

GUESS_MS = 4.0
"""CPU time for all steps of a prediction; the whole request stays under 10 ms."""

_PAUSE_S = 0.006
"""Pause between two slices of background indexing."""

_CLOSED_BY_EDITORS = frozenset(")]}>\"'`;,: \t")
"""Text after the cursor that editors insert themselves, and marks that end a line. Before any other
text, nothing is predicted."""


class LocalProvider:
    """Implements `FimProvider` and `Learner`."""

    def __init__(self, bounds: CorpusLimits | None = None, guess_ms: float | None = None) -> None:
        """`bounds` limits the memory of learnt texts; no step of a prediction starts after
        `guess_ms`, by default GUESS_MS."""
        self._corpus = Corpus(bounds or CorpusLimits())
        self._guess_ms = GUESS_MS if guess_ms is None else guess_ms
        self._document = DocumentIndex()
        self._unread: LocalContext | None = None
        self._indexing: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return "local"

    @property
    def limits(self) -> ProviderLimits:
        return ProviderLimits(prompt_tokens=1_000_000, is_local=True)

    @property
    def size_bytes(self) -> int:
        """Memory of learnt texts."""
        return self._corpus.size_bytes

    def learn(self, name: str, text: str) -> None:
        """Add or replace the text of `name`; it is indexed in the background."""
        self._corpus.learn(name, text)
        self._index_in_background()

    def forget(self, name: str) -> None:
        self._corpus.forget(name)

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Yield at most one chunk of text without a line end, then the finish reason: LENGTH if the
        line may continue."""
        guessed = self.guess(request)
        if guessed.text:
            yield Chunk(text=guessed.text)
        ends = guessed.whole_line or not guessed.text
        yield Chunk(finish=FinishReason.STOP if ends else FinishReason.LENGTH)

    def guess(self, request: FimRequest) -> Prediction:
        """The prediction behind `fim`, without waiting."""
        cursor = LocalContext.of(request.prompt, request.suffix)
        if not _CLOSED_BY_EDITORS.issuperset(cursor.tail):
            return Prediction()
        most_chars = request.max_tokens * _CHARS_PER_TOKEN
        return predict(cursor, self.blocks(cursor), most_chars, self._guess_ms)

    def blocks(self, cursor: LocalContext) -> list[IndexedPassage]:
        """All blocks: of the open document, the nearest first, then of other texts."""
        own, complete = self._document.blocks(cursor.above, cursor.below, _REQUEST_MS)
        if not complete:
            self._unread = cursor
            self._index_in_background()
        return [*own, *self._corpus.blocks()]

    async def warm(self) -> None:
        """Index all learnt texts now."""
        await self._index(pause_s=0)

    async def close(self) -> None:
        """Stop indexing."""
        if self._indexing is not None:
            self._indexing.cancel()
            await asyncio.gather(self._indexing, return_exceptions=True)

    def _index_in_background(self) -> None:
        if self._indexing is not None and not self._indexing.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._indexing = loop.create_task(self._index())

    async def _index(self, pause_s: float = _PAUSE_S) -> None:
        more = True
        while more:
            more = self._index_more() or self._corpus.index(_SLICE_MS)
            await asyncio.sleep(pause_s)

    def _index_more(self) -> bool:
        """Index more of the open document. Returns whether more is left."""
        if self._unread is None:
            return False
        _, complete = self._document.blocks(self._unread.above, self._unread.below, _SLICE_MS)
        if complete:
            self._unread = None
        return not complete
