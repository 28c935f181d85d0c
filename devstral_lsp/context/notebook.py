"""Context source: the other cells of a notebook, before and after the cursor's, in their order.

They are one program, and the cell with the imports is rarely the one that is typed in. Prose stands
as comments. The last cell has context like any other: a peer forgets it.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.context.base import HIGHEST_SCORE, Cell, ContextQuery, Snippet
from devstral_lsp.languages import get_language
from devstral_lsp.text import normalize_newlines

FARTHEST = 5
"""Steps by which the score falls with the distance."""
MOST_PROSE = 10
"""Lines of a cell of prose."""


class Notebook:
    """The source. Looks only at the cells in the query."""

    name = "notebook"

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """The cells of the cursor's notebook but its own."""
        at = next((i for i, c in enumerate(query.cells) if c.uri == query.snapshot.uri), None)
        return [] if at is None else neighboring_cells(query.cells, at, query.path)


def neighboring_cells(cells: Sequence[Cell], at: int, path: str) -> list[Snippet]:
    """Snippets of all cells but that `at` this index; nearer ones score higher."""
    marker = get_language(cells[at].language).line_comment or "#"
    found = []
    for index, cell in enumerate(cells):
        text = normalize_newlines(cell.text).strip("\n")
        if index == at or not text.strip():
            continue
        if cell.language != cells[at].language:
            text = "\n".join(f"{marker} {line}".rstrip() for line in text.split("\n")[:MOST_PROSE])
        score = HIGHEST_SCORE - min(FARTHEST, abs(index - at) - 1)
        found.append(Snippet(path, text, Notebook.name, score, index))
    return found
