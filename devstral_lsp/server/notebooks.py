"""Which cells the open notebooks have, in which order, and which of them are code.

The text of a cell is a document like any other, and `session.py` holds it; here are only the cells'
URIs. A change that does not fit what is known is told to the caller and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsprotocol.types import NotebookCell, NotebookCellKind


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell, by the URI of its document. What is not code is prose."""

    uri: str
    is_code: bool


class Notebooks:
    """The open notebooks of one client."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[_Cell, ...]] = {}

    def open(self, uri: str, cells: Iterable[NotebookCell]) -> None:
        """Take a notebook in; one that is open already is replaced."""
        self._cells[uri] = _known(cells)

    def splice(
        self, uri: str, start: int, delete_count: int, cells: Iterable[NotebookCell]
    ) -> bool:
        """Put `cells` in the place of `delete_count` others from `start` on.

        False if there is no such notebook, or if it has no cells there.
        """
        known = self._cells.get(uri)
        end = start + delete_count
        if known is None or not 0 <= start <= end <= len(known):
            return False
        self._cells[uri] = (*known[:start], *_known(cells), *known[end:])
        return True

    def update(self, uri: str, cells: Iterable[NotebookCell]) -> bool:
        """Take the new kinds of `cells`; False if any of them is not in the notebook."""
        known = self._cells.get(uri, ())
        changed = {cell.uri: cell for cell in _known(cells)}
        if uri in self._cells:
            self._cells[uri] = tuple(changed.get(cell.uri, cell) for cell in known)
        return changed.keys() <= {cell.uri for cell in known}

    def close(self, uri: str) -> tuple[str, ...] | None:
        """Let go of a notebook and give the URIs of its cells; None if it was not open."""
        known = self._cells.pop(uri, None)
        return None if known is None else tuple(cell.uri for cell in known)

    def code_around(self, uri: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The code cells above and below a cell in its notebook; none around any other document."""
        for cells in self._cells.values():
            at = next((index for index, cell in enumerate(cells) if cell.uri == uri), None)
            if at is not None:
                return _code(cells[:at], uri), _code(cells[at + 1 :], uri)
        return (), ()


def _known(cells: Iterable[NotebookCell]) -> tuple[_Cell, ...]:
    return tuple(_Cell(each.document, each.kind == NotebookCellKind.Code) for each in cells)


def _code(cells: Sequence[_Cell], left_out: str) -> tuple[str, ...]:
    return tuple(cell.uri for cell in cells if cell.is_code and cell.uri != left_out)
