"""What offers were made for, a little while back: the texts, and the diagnostics in them.

Nothing depends on it, since an order holds all that is needed. But a text that is still at hand
lets an edit be moved along when the document has gone on, and a diagnostic that was seen lets it
be fixed together with others of its kind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from lsprotocol import types

from devstral_lsp.refactor.types import Diagnostic
from devstral_lsp.text import Snapshot

_MOST_SNAPSHOTS = 4
"""Per document. Editors ask at every move of the cursor, and one of the last few is taken."""
_MOST_DIAGNOSTICS = 200

DiagnosticMap = dict[Diagnostic, types.Diagnostic]
"""Diagnostics as actions see them, and each as it was sent."""


class RecentOffers:
    """By document, until it is closed."""

    def __init__(self) -> None:
        self._snapshots: dict[str, deque[Snapshot]] = {}
        self._seen: dict[str, DiagnosticMap] = {}

    def keep(
        self, snapshot: Snapshot, sent: Mapping[Diagnostic, types.Diagnostic]
    ) -> DiagnosticMap:
        """Remember the text and what is said of it; gives all that was ever said of this text."""
        kept = self._snapshots.setdefault(snapshot.uri, deque(maxlen=_MOST_SNAPSHOTS))
        if not kept or kept[-1] is not snapshot:
            kept.append(snapshot)
            self._seen[snapshot.uri] = {}
        seen = self._seen[snapshot.uri]
        if len(seen) < _MOST_DIAGNOSTICS:
            seen.update(sent)
        return {**seen, **sent}

    def snapshot(self, uri: str, version: int) -> Snapshot | None:
        """The text of that version, if it is still at hand."""
        kept = self._snapshots.get(uri, ())
        return next((each for each in kept if each.version == version), None)

    @property
    def seen(self) -> Mapping[str, Mapping[Diagnostic, types.Diagnostic]]:
        """What was said of each document's last text, by URI."""
        return self._seen

    def forget(self, uri: str) -> None:
        """The document was closed: its versions may begin anew."""
        self._snapshots.pop(uri, None)
        self._seen.pop(uri, None)
