"""The other cells of a notebook."""

from __future__ import annotations

import pytest

from devstral_lsp.context.base import Cell
from devstral_lsp.context.notebook import Notebook, render_other_cells
from tests.context.asking import query_at

CELLS = [
    Cell("cell:1", "python", "import pandas\n"),
    Cell("cell:2", "markdown", "# Load\nthe data"),
    Cell("cell:3", "python", "data = 1\r\nmore = 2"),
    Cell("cell:4", "python", "  \n"),
    Cell("cell:5", "python", "plot(data)"),
]


@pytest.mark.parametrize(
    ("at", "texts"),
    [
        (0, ["# # Load\n# the data", "data = 1\nmore = 2", "plot(data)"]),
        (2, ["import pandas", "# # Load\n# the data", "plot(data)"]),
        (4, ["import pandas", "# # Load\n# the data", "data = 1\nmore = 2"]),
    ],
)
def test_all_but_the_own_in_their_order(at: int, texts: list[str]) -> None:
    found = render_other_cells(CELLS, at, "n.py")
    assert [each.text for each in found] == texts
    assert [each.line for each in found] == sorted(each.line for each in found)


def test_nearer_cells_score_higher() -> None:
    cells = [Cell(f"cell:{n}", "python", f"x{n} = 1") for n in range(5)]
    scores = [each.score for each in render_other_cells(cells, 2, "n.py")]
    assert scores == [scores[0], scores[0] + 1, scores[0] + 1, scores[0]]


async def test_a_document_in_no_notebook_has_none() -> None:
    assert await Notebook().snippets(query_at("/w/a.py", "│", cells=tuple(CELLS))) == []
