"""What defines the names that a span of a document uses: signatures, from where its file leads.

The same search as for a completion (`imports.py`), asked about a span in place of a cursor, and
with more patience. Knows neither prompt nor model.
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
    """A query about `span`. `shown` is what the prompt shows anyway: nothing is found in there."""

    span: Span
    shown: Span

    def lines_around(self, before: int, after: int) -> str:
        """What stands in the span, whatever the distance."""
        return normalize_newlines(self.snapshot.text.slice(self.span.start, self.span.end))

    @cached_property
    def out_of_view_parts(self) -> tuple[tuple[int, str], ...]:
        """What stands before and after what is shown."""
        text, shown = self.snapshot.text, self.shown
        after = text.line_of(shown.end)
        parts = (
            (0, text.slice(0, shown.start)),
            (after, text.slice(text.line_end(after), len(text))),
        )
        return tuple((line, normalize_newlines(part)) for line, part in parts if part.strip())


class Definitions:
    """Remembers outlines between one question and the next."""

    def __init__(self) -> None:
        # Its own: what is remembered for the cursor must not make room for each refactoring.
        self._imports = Imports()

    async def find(self, query: SpanQuery) -> tuple[Snippet, ...]:
        """The most helpful definitions that fit the query's budget, in a stable order."""
        found: Sequence[Snippet] = await self._imports.snippets(query)
        return select_snippets(found, "", query.budget_characters)
