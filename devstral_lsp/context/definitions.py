"""Find the definitions of the names that a span of a document uses.

The same search as `imported_definitions.py`, for a span instead of a cursor and with a longer
deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.imported_definitions import Imports
from devstral_lsp.context.selection import select_snippets
from devstral_lsp.text import Span, normalize_newlines


@dataclass(frozen=True, kw_only=True)
class SpanQuery(ContextQuery):
    """A query about `span`. `shown` is the part of the document that the prompt contains anyway."""

    span: Span
    shown: Span

    def lines_around(self, before: int, after: int) -> str:
        """The text of the span, whatever the distances."""
        return normalize_newlines(self.snapshot.text.slice(self.span.start, self.span.end))

    @cached_property
    def out_of_view_parts(self) -> tuple[tuple[int, str], ...]:
        """The text before and after `shown`."""
        text, shown = self.snapshot.text, self.shown
        after = text.line_of(shown.end)
        parts = (
            (0, text.slice(0, shown.start)),
            (after, text.slice(text.line_end(after), len(text))),
        )
        return tuple((line, normalize_newlines(part)) for line, part in parts if part.strip())


class Definitions:
    """Searches for definitions; caches outlines between calls."""

    def __init__(self) -> None:
        # A cache of its own, so that a refactoring does not evict the cursor's outlines.
        self._imports = Imports()

    async def find(self, query: SpanQuery) -> tuple[Snippet, ...]:
        """Return the most helpful definitions within the query's budget, in a stable order."""
        found: Sequence[Snippet] = await self._imports.snippets(query)
        return select_snippets(found, "", query.budget_characters)
