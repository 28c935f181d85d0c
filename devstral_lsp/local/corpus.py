"""Index texts by name, in slices, within a limit of memory.

`learn` only stores a text; `index` processes stored texts for some milliseconds at a time. Above
the limit, the text that was learnt first is evicted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from devstral_lsp.local.ngram_index import PASSAGE, IndexedPassage
from devstral_lsp.local.normalize import normalize_text, split_passages
from devstral_lsp.text import normalize_newlines


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusLimits:
    """Memory limits."""

    texts: int = 600
    text_chars: int = 1_000_000
    """A longer text is data or generated, and is not indexed."""
    bytes: int = 12_000_000
    """Limit for blocks and for text that waits to be indexed; about 3.5 MB of source."""


@dataclass(slots=True, kw_only=True)
class _CorpusEntry:
    """A text in progress: the passages to index, and the blocks so far."""

    waiting_bytes: int
    waiting: Iterator[str] | None
    depth: int = 0
    blocks: list[IndexedPassage] = field(default_factory=list)
    size_bytes: int = 0


class Corpus:
    """Learnt texts. Methods return at once; `index` keeps to its time budget."""

    def __init__(self, bounds: CorpusLimits) -> None:
        self._bounds = bounds
        self._texts: dict[str, _CorpusEntry] = {}
        self._waiting: dict[str, None] = {}
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Memory of the blocks and of waiting text."""
        return self._size_bytes

    @property
    def waiting(self) -> bool:
        """Whether some text is not indexed yet."""
        return bool(self._waiting)

    def learn(self, name: str, text: str) -> None:
        """Add or replace the text of `name`. Does nothing for a text above the limit."""
        self.forget(name)
        if not text or len(text) > self._bounds.text_chars or "\0" in text:
            return
        unified = normalize_newlines(text)
        size = sys.getsizeof(unified)
        self._texts[name] = _CorpusEntry(
            waiting_bytes=size,
            waiting=split_passages(unified, PASSAGE),
        )
        self._waiting[name] = None
        self._size_bytes += size
        self._evict()

    def forget(self, name: str) -> None:
        """Remove the text of `name`, if there is one."""
        self._waiting.pop(name, None)
        learnt = self._texts.pop(name, None)
        if learnt is not None:
            self._size_bytes -= learnt.size_bytes + learnt.waiting_bytes

    def index(self, budget_ms: float) -> bool:
        """Index for about `budget_ms` of CPU time, at least one passage. Returns whether more is
        left."""
        deadline = time.thread_time() + budget_ms / 1000
        while self._waiting:
            name = next(iter(self._waiting))
            self._index_passage(name, self._texts[name])
            if time.thread_time() > deadline:
                break
        return self.waiting

    def blocks(self) -> Iterator[IndexedPassage]:
        """All blocks, those of the latest text first."""
        for learnt in reversed(self._texts.values()):
            yield from learnt.blocks

    def _index_passage(self, name: str, learnt: _CorpusEntry) -> None:
        passage = next(learnt.waiting, None) if learnt.waiting else None
        if passage is None:
            self._drop_source(name, learnt)
            return
        from devstral_lsp.secrets.scan import drop_secret_lines  # slow to import

        passage = drop_secret_lines(passage)
        flat, learnt.depth = normalize_text(passage, learnt.depth)
        before = learnt.blocks[-1].text if learnt.blocks else ""
        block = IndexedPassage(name, before, flat)
        learnt.blocks.append(block)
        learnt.size_bytes += block.size_bytes
        self._size_bytes += block.size_bytes
        self._evict()

    def _drop_source(self, name: str, learnt: _CorpusEntry) -> None:
        """Drop the source text; the blocks are enough."""
        del self._waiting[name]
        self._size_bytes -= learnt.waiting_bytes
        learnt.waiting, learnt.waiting_bytes = None, 0

    def _evict(self) -> None:
        while self._texts and (
            len(self._texts) > self._bounds.texts or self._size_bytes > self._bounds.bytes
        ):
            self.forget(next(iter(self._texts)))
