"""What one client has told us: its documents and notebooks, its folders and how it counts.

Documents live here as frozen snapshots, each change putting a new one in the old one's place, so
that whoever took a snapshot keeps what they took. Size and content make no difference: whether a
document is worth completing is the engine's to say. It sends nothing and reads no file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol.types import (
    PositionEncodingKind,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangeWholeDocument,
)
from pygls.uris import to_fs_path

from devstral_lsp.server.notebooks import Notebooks
from devstral_lsp.server.positions import span_of
from devstral_lsp.text import Edit, Snapshot, Span, Text


def is_valid_uri(uri: str) -> bool:
    """Whether `uri` can be taken apart, and names nothing that no file system could."""
    try:
        name = os.fsencode(unquote(urlsplit(uri).path))
    except ValueError:
        return False
    return b"\0" not in name


def _nobody_follows(uri: str, edit: Edit, text: Text) -> None: ...


@dataclass(frozen=True, slots=True)
class DocumentView:
    """What one request sees: a document, and around a notebook's cell the code cells in order."""

    snapshot: Snapshot
    above: tuple[Snapshot, ...] = ()
    below: tuple[Snapshot, ...] = ()


class Session:
    """The state of one client's session.

    `encoding` is what positions are counted in; UTF-16, which every client speaks, until the
    handshake has agreed on something else.
    """

    def __init__(self, encoding: PositionEncodingKind = PositionEncodingKind.Utf16) -> None:
        self.encoding = encoding
        self.notebooks = Notebooks()
        self._documents: dict[str, Snapshot] = {}
        self._folders: dict[str, Path] = {}

    def open(self, uri: str, language: str, version: int, text: str) -> Snapshot:
        """Take a document into the session; one that is open already is replaced."""
        snapshot = Snapshot(uri=uri, version=version, language=language, text=Text.of(text))
        self._documents[uri] = snapshot
        return snapshot

    def change(
        self,
        uri: str,
        version: int,
        changes: Sequence[TextDocumentContentChangeEvent],
        follow: Callable[[str, Edit, Text], None] = _nobody_follows,
    ) -> Snapshot | None:
        """Apply `changes` one after the other; None if the document is not open.

        `follow` is shown each edit, with the text that it is made in.

        The version is taken as the client gives it, even if it goes backwards: Helix 25.01 sends
        its changes out of order while one types fast. Which text it then means cannot be told,
        but an answer that carries a version it no longer has is one that it refuses.
        """
        known = self._documents.get(uri)
        if known is None:
            return None
        text = known.text
        for change in changes:
            edit = self._edit(text, change)
            follow(uri, edit, text)
            text = text.replace(edit.span.start, edit.span.end, edit.text)
        snapshot = Snapshot(uri=uri, version=version, language=known.language, text=text)
        self._documents[uri] = snapshot
        return snapshot

    def close(self, uri: str) -> bool:
        """Let go of a document; False if it was not open."""
        return self._documents.pop(uri, None) is not None

    def snapshot(self, uri: str) -> Snapshot | None:
        """The document as it stands now, in constant time; None if it is not open."""
        return self._documents.get(uri)

    def view(self, uri: str) -> DocumentView | None:
        """The document as it stands now, with the cells around it; None if it is not open."""
        snapshot = self._documents.get(uri)
        if snapshot is None:
            return None
        above, below = self.notebooks.code_around(uri)
        return DocumentView(snapshot, self._those_open(above), self._those_open(below))

    def mark_focused(self, uri: str) -> None:
        """The user looks at this document; what is not open is passed over."""
        if (snapshot := self._documents.pop(uri, None)) is not None:
            self._documents[uri] = snapshot

    def snapshots(self) -> tuple[Snapshot, ...]:
        """All open documents, in the order in which they were opened or came into focus."""
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

    def _those_open(self, uris: Iterable[str]) -> tuple[Snapshot, ...]:
        found = (self._documents.get(uri) for uri in uris)
        return tuple(snapshot for snapshot in found if snapshot is not None)

    def _edit(self, text: Text, change: TextDocumentContentChangeEvent) -> Edit:
        if isinstance(change, TextDocumentContentChangeWholeDocument):
            return Edit(Span(0, len(text)), change.text)
        return Edit(span_of(text, change.range, self.encoding), change.text)
