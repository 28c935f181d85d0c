"""Context source: pieces of open and recently looked-at documents that are like the cursor's place.

Like by the names they share with the lines around the cursor (Jaccard's index). Code that is nearly
the same is left out later, in `budget.py`: it makes a model repeat it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from heapq import nlargest

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.chunks import CodeWindow, chunks_of
from devstral_lsp.context.identifiers import identifiers
from devstral_lsp.context.memoized_search import MemoizedSearch
from devstral_lsp.languages import get_language
from devstral_lsp.text import Snapshot, Text, normalize_newlines

LINES_BEFORE = 20
LINES_AFTER = 10
FEWEST_WORDS = 4
"""Around the cursor; fewer are like anything."""
LEAST_LIKE = 0.1
"""Scores 3, with which something only stays; 4 begins at 0.15."""
LOWEST_SCORE = 2
HIGHEST = 7
MOST_DOCUMENTS = 20
MOST_LINES = 20_000
"""Of a document that is looked at."""
MOST_IN_ONE = 6
MOST_SNIPPETS = 24

_FAMILIES = {
    "typescript": "javascript", "cpp": "c", "css": "html", "vue": "html", "kotlin": "java",
}  # fmt: skip


Parts = tuple[tuple[int, str], ...]
"""Of a document, each with its first line's number."""


class SimilarCode:
    """The source. Remembers the chunks of the documents it has seen last."""

    name = "similar_code"

    def __init__(self) -> None:
        self._chunks: OrderedDict[str, tuple[Text | Parts, list[CodeWindow]]] = OrderedDict()
        self._latest = MemoizedSearch(self._find)

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """The pieces that are most like the cursor's place, at most MOST_SNIPPETS."""
        near = query.lines_around(LINES_BEFORE, LINES_AFTER)
        state = query.snapshot.uri, _texts(query.others), near, query.out_of_view_parts
        return await self._latest.search(query, state)

    def _find(self, query: ContextQuery) -> list[Snippet]:
        near = identifiers(query.lines_around(LINES_BEFORE, LINES_AFTER))
        if len(near) < FEWEST_WORDS:
            return []
        found = list(self._candidates(query, near))
        ranked = sorted(found, key=lambda each: (-each.score, each.path, each.line))
        return ranked[:MOST_SNIPPETS]

    def _candidates(self, query: ContextQuery, near: frozenset[str]) -> Iterator[Snippet]:
        yield from _best(self._chunks_of(query.snapshot, query.out_of_view_parts), near, query.path)
        family = _family(query.snapshot.language)
        related = [each for each in query.others if _family(each.language) == family]
        for other in related[:MOST_DOCUMENTS]:
            yield from _best(self._chunks_of(other, other.text), near, query.name_of(other))

    def _chunks_of(self, snapshot: Snapshot, mark: Text | Parts) -> list[CodeWindow]:
        """The chunks of a document or its parts, reusing those of the text before."""
        known, chunks = self._chunks.get(snapshot.uri, (None, []))
        if known is not mark and known != mark:
            former = {chunk.text: chunk for chunk in chunks}
            parts = ((0, normalize_newlines(str(mark))),) if isinstance(mark, Text) else mark
            if snapshot.text.line_count > MOST_LINES:
                parts = ()
            chunks = [each for line, text in parts for each in chunks_of(text, line, former)]
            self._chunks[snapshot.uri] = (mark, chunks)
        self._chunks.move_to_end(snapshot.uri)
        while len(self._chunks) > MOST_DOCUMENTS + 1:
            self._chunks.popitem(last=False)
        return chunks


def _best(chunks: list[CodeWindow], near: frozenset[str], path: str) -> Iterator[Snippet]:
    size = len(near)
    alike = []
    for chunk in chunks:  # thousands of them, so without a call for each
        words = chunk.words
        common = len(near & words)
        if common and (like := common / (size + len(words) - common)) >= LEAST_LIKE:
            alike.append((int(like * 10 + 0.5), -chunk.line, chunk))
    for tenths, _, chunk in nlargest(MOST_IN_ONE, alike, key=lambda each: each[:2]):
        score = min(HIGHEST, LOWEST_SCORE + tenths)
        yield Snippet(path, chunk.text, SimilarCode.name, score, chunk.line)


def _family(language_id: str) -> str:
    name = get_language(language_id).name
    name = language_id.lower() if name == "plain" else name
    return _FAMILIES.get(name, name)


def _texts(others: Sequence[Snapshot]) -> tuple[tuple[str, Text], ...]:
    return tuple((other.uri, other.text) for other in others)
