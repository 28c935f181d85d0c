"""A client's open documents, notebooks and workspace folders.

A document is a frozen snapshot, which each change replaces: a request keeps the one that it began
with. The cells of a notebook are documents too; `Notebooks` holds their order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol.types import (
    NotebookCell,
    NotebookCellKind,
    PositionEncodingKind,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangeWholeDocument,
)
from pygls.uris import to_fs_path

from devstral_lsp.server.positions import span_of
from devstral_lsp.text import Edit, Snapshot, Span, Text


def is_valid_uri(uri: str) -> bool:
    """Whether `uri` can be parsed, and its path contains no NUL."""
    try:
        name = os.fsencode(unquote(urlsplit(uri).path))
    except ValueError:
        return False
    return b"\0" not in name


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell by the URI of its document. A cell that is not code is Markdown."""

    uri: str
    is_code: bool


class Notebooks:
    """The order of the cells in the open notebooks. A change that does not fit is refused."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[_Cell, ...]] = {}

    def open(self, uri: str, cells: Iterable[NotebookCell]) -> None:
        """Open a notebook, or replace one that is open."""
        self._cells[uri] = _to_cells(cells)

    def splice(
        self, uri: str, start: int, delete_count: int, cells: Iterable[NotebookCell]
    ) -> bool:
        """Replace `delete_count` cells from `start` on by `cells`.

        False if the notebook is not open or has no such cells.
        """
        known = self._cells.get(uri)
        end = start + delete_count
        if known is None or not 0 <= start <= end <= len(known):
            return False
        self._cells[uri] = (*known[:start], *_to_cells(cells), *known[end:])
        return True

    def update(self, uri: str, cells: Iterable[NotebookCell]) -> bool:
        """Update the kinds of `cells`; False if one of them is not in the notebook."""
        known = self._cells.get(uri, ())
        changed = {cell.uri: cell for cell in _to_cells(cells)}
        if uri in self._cells:
            self._cells[uri] = tuple(changed.get(cell.uri, cell) for cell in known)
        return changed.keys() <= {cell.uri for cell in known}

    def close(self, uri: str) -> tuple[str, ...] | None:
        """Close a notebook and return the URIs of its cells; None if it was not open."""
        known = self._cells.pop(uri, None)
        return None if known is None else tuple(cell.uri for cell in known)

    def code_around(self, uri: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The code cells above and below a cell in its notebook; none around any other document."""
        for cells in self._cells.values():
            at = next((index for index, cell in enumerate(cells) if cell.uri == uri), None)
            if at is not None:
                return _code(cells[:at], uri), _code(cells[at + 1 :], uri)
        return (), ()


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The snapshots of one request: a document, and the code cells around a notebook's cell."""

    snapshot: Snapshot
    above: tuple[Snapshot, ...] = ()
    below: tuple[Snapshot, ...] = ()


class Session:
    """The documents, notebooks and folders of one client.

    `encoding` is the unit of positions: UTF-16, which every client supports, until `initialize`
    has negotiated another one.
    """

    def __init__(self, encoding: PositionEncodingKind = PositionEncodingKind.Utf16) -> None:
        self.encoding = encoding
        self.notebooks = Notebooks()
        self._documents: dict[str, Snapshot] = {}
        self._folders: dict[str, Path] = {}

    def open(self, uri: str, language: str, version: int, text: str) -> Snapshot:
        """Open a document, or replace one that is open."""
        snapshot = Snapshot(uri=uri, version=version, language=language, text=Text.of(text))
        self._documents[uri] = snapshot
        return snapshot

    def change(
        self,
        uri: str,
        version: int,
        changes: Sequence[TextDocumentContentChangeEvent],
        on_edit: Callable[[str, Edit, Text], None] | None = None,
    ) -> Snapshot | None:
        """Apply `changes` one after the other; None if the document is not open.

        `on_edit` is called with each edit and the text before it.

        The version is the client's, even if it goes backwards: Helix 25.01 sends changes out of
        order during fast typing. Which text it then means is unknown, but it refuses an answer
        with a version other than its current one.
        """
        known = self._documents.get(uri)
        if known is None:
            return None
        text = known.text
        for change in changes:
            edit = self._edit(text, change)
            if on_edit is not None:
                on_edit(uri, edit, text)
            text = text.replace(edit.span.start, edit.span.end, edit.text)
        snapshot = Snapshot(uri=uri, version=version, language=known.language, text=text)
        self._documents[uri] = snapshot
        return snapshot

    def close(self, uri: str) -> bool:
        """Close a document; False if it was not open."""
        return self._documents.pop(uri, None) is not None

    def snapshot(self, uri: str) -> Snapshot | None:
        """The current snapshot of a document, in constant time; None if it is not open."""
        return self._documents.get(uri)

    def view(self, uri: str) -> DocumentView | None:
        """The current snapshot with the cells around it; None if the document is not open."""
        snapshot = self._documents.get(uri)
        if snapshot is None:
            return None
        above, below = self.notebooks.code_around(uri)
        return DocumentView(snapshot, self._open_of(above), self._open_of(below))

    def mark_focused(self, uri: str) -> None:
        """Move an open document to the end of `snapshots`."""
        if (snapshot := self._documents.pop(uri, None)) is not None:
            self._documents[uri] = snapshot

    def snapshots(self) -> tuple[Snapshot, ...]:
        """All open documents, the one that was opened or focused last at the end."""
        return tuple(self._documents.values())

    @property
    def folders(self) -> tuple[Path, ...]:
        """The workspace folders that are on this machine's file system, in the client's order."""
        return tuple(self._folders.values())

    def change_folders(self, *, added: Iterable[str] = (), removed: Iterable[str] = ()) -> None:
        """Add and remove workspace folders by their URIs; those without a path are left out."""
        for uri in removed:
            self._folders.pop(uri, None)
        for uri in added:
            path = to_fs_path(uri) if is_valid_uri(uri) else None
            if path:
                self._folders[uri] = Path(path)

    def _open_of(self, uris: Iterable[str]) -> tuple[Snapshot, ...]:
        found = (self._documents.get(uri) for uri in uris)
        return tuple(snapshot for snapshot in found if snapshot is not None)

    def _edit(self, text: Text, change: TextDocumentContentChangeEvent) -> Edit:
        if isinstance(change, TextDocumentContentChangeWholeDocument):
            return Edit(Span(0, len(text)), change.text)
        return Edit(span_of(text, change.range, self.encoding), change.text)


def _to_cells(cells: Iterable[NotebookCell]) -> tuple[_Cell, ...]:
    return tuple(_Cell(each.document, each.kind == NotebookCellKind.Code) for each in cells)


def _code(cells: Sequence[_Cell], left_out: str) -> tuple[str, ...]:
    return tuple(cell.uri for cell in cells if cell.is_code and cell.uri != left_out)
