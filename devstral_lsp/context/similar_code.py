"""Context source: chunks of open and recently used documents that resemble the text at the cursor.

Similarity is Jaccard's index of the identifiers. `selection.py` later drops near-duplicates of the
text at the cursor, which a model would repeat.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from heapq import nlargest

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.chunks import CodeWindow, split_chunks
from devstral_lsp.context.identifiers import identifiers
from devstral_lsp.context.memoized_search import MemoizedSearch
from devstral_lsp.languages import get_language
from devstral_lsp.text import Snapshot, Text, normalize_newlines

LINES_BEFORE = 20
LINES_AFTER = 10
MIN_WORDS = 4
"""Minimum identifiers around the cursor; fewer resemble everything."""
LEAST_LIKE = 0.1
"""Minimum similarity. It scores 3, enough only to keep an earlier choice; 4 begins at 0.15."""
MIN_SCORE = 2
MAX_SCORE = 7
MAX_DOCUMENTS = 20
MAX_LINES = 20_000
"""Code points of a document that are searched."""
MAX_IN_ONE = 6
MAX_SNIPPETS = 24

_FAMILIES = {
    "typescript": "javascript", "cpp": "c", "css": "html", "vue": "html", "kotlin": "java",
}  # fmt: skip


Parts = tuple[tuple[int, str], ...]
"""Texts of a document, each with the number of its first line."""


class SimilarCode:
    """The context source. Caches the chunks of recent documents."""

    name = "similar_code"

    def __init__(self) -> None:
        self._chunks: OrderedDict[str, tuple[Text | Parts, list[CodeWindow]]] = OrderedDict()
        self._latest = MemoizedSearch(self._find)

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """The chunks that are most similar to the text at the cursor, at most MAX_SNIPPETS."""
        near = query.lines_around(LINES_BEFORE, LINES_AFTER)
        state = query.snapshot.uri, _texts(query.others), near, query.out_of_view_parts
        return await self._latest.search(query, state)

    def _find(self, query: ContextQuery) -> list[Snippet]:
        near = identifiers(query.lines_around(LINES_BEFORE, LINES_AFTER))
        if len(near) < MIN_WORDS:
            return []
        found = list(self._candidates(query, near))
        ranked = sorted(found, key=lambda each: (-each.score, each.path, each.line))
        return ranked[:MAX_SNIPPETS]

    def _candidates(self, query: ContextQuery, near: frozenset[str]) -> Iterator[Snippet]:
        yield from _best(
            self._split_document(query.snapshot, query.out_of_view_parts), near, query.path
        )
        family = _family(query.snapshot.language)
        related = [each for each in query.others if _family(each.language) == family]
        for other in related[:MAX_DOCUMENTS]:
            yield from _best(self._split_document(other, other.text), near, query.name_of(other))

    def _split_document(self, snapshot: Snapshot, mark: Text | Parts) -> list[CodeWindow]:
        """The chunks of a document or its parts; reuses those of the previous text."""
        known, chunks = self._chunks.get(snapshot.uri, (None, []))
        if known is not mark and known != mark:
            former = {chunk.text: chunk for chunk in chunks}
            parts = ((0, normalize_newlines(str(mark))),) if isinstance(mark, Text) else mark
            if snapshot.text.line_count > MAX_LINES:
                parts = ()
            chunks = [each for line, text in parts for each in split_chunks(text, line, former)]
            self._chunks[snapshot.uri] = (mark, chunks)
        self._chunks.move_to_end(snapshot.uri)
        while len(self._chunks) > MAX_DOCUMENTS + 1:
            self._chunks.popitem(last=False)
        return chunks


def _best(chunks: list[CodeWindow], near: frozenset[str], path: str) -> Iterator[Snippet]:
    size = len(near)
    alike = []
    for chunk in chunks:  # no function call for each of thousands of chunks
        words = chunk.words
        common = len(near & words)
        if common and (like := common / (size + len(words) - common)) >= LEAST_LIKE:
            alike.append((int(like * 10 + 0.5), -chunk.line, chunk))
    for tenths, _, chunk in nlargest(MAX_IN_ONE, alike, key=lambda each: each[:2]):
        score = min(MAX_SCORE, MIN_SCORE + tenths)
        yield Snippet(path, chunk.text, SimilarCode.name, score, chunk.line)


def _family(language_id: str) -> str:
    name = get_language(language_id).name
    name = language_id.lower() if name == "plain" else name
    return _FAMILIES.get(name, name)


def _texts(others: Sequence[Snapshot]) -> tuple[tuple[str, Text], ...]:
    return tuple((other.uri, other.text) for other in others)
