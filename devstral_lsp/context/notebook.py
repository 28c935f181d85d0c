"""Context source: the other cells of a notebook, before and after the cursor's, in order.

The cells form one program, and the imports are rarely in the cell that is edited. Prose becomes
comments.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.context.base import MAX_SCORE, Cell, ContextQuery, Snippet
from devstral_lsp.languages import get_language
from devstral_lsp.text import normalize_newlines

FARTHEST = 5
"""Steps by which the score decreases with distance."""
MAX_PROSE = 10
"""Maximum lines of a cell of prose."""


class Notebook:
    """The context source. Uses only the cells of the query."""

    name = "notebook"

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """Return the other cells of the cursor's notebook."""
        at = next((i for i, c in enumerate(query.cells) if c.uri == query.snapshot.uri), None)
        return [] if at is None else render_other_cells(query.cells, at, query.path)


def render_other_cells(cells: Sequence[Cell], at: int, path: str) -> list[Snippet]:
    """Snippets of all cells except the one at index `at`; nearer ones score higher."""
    marker = get_language(cells[at].language).line_comment or "#"
    found = []
    for index, cell in enumerate(cells):
        text = normalize_newlines(cell.text).strip("\n")
        if index == at or not text.strip():
            continue
        if cell.language != cells[at].language:
            text = "\n".join(f"{marker} {line}".rstrip() for line in text.split("\n")[:MAX_PROSE])
        score = MAX_SCORE - min(FARTHEST, abs(index - at) - 1)
        found.append(Snippet(path, text, Notebook.name, score, index))
    return found
