"""The `data` of a code action, and what the session keeps of recent offers.

The data holds all that is needed to do what was offered. It comes back from the client as untrusted
JSON, and the document may have changed since.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from devstral_lsp.refactor.types import ActionOffer, Diagnostic, DiagnosticSeverity
from devstral_lsp.text import Snapshot, Span

_MAX_SNAPSHOTS = 4
"""Per document. Editors ask at every move of the cursor, and one of the last few is taken."""
_MAX_DIAGNOSTICS = 200

DiagnosticMap = dict[Diagnostic, types.Diagnostic]
"""Diagnostics as actions see them, and each as it was sent."""


@dataclass(frozen=True, slots=True)
class ActionData:
    """An offer that the user may take, and the text that its offsets are counted in."""

    offer: ActionOffer
    uri: str
    version: int

    @property
    def to_json(self) -> dict[str, Any]:
        """As JSON without null: Neovim 0.10 sends an action back without such members."""
        offer = self.offer
        selected = offer.selected and {"selected": [offer.selected.start, offer.selected.end]}
        return {
            "action": offer.action,
            "title": offer.title,
            "kind": offer.kind,
            "uri": self.uri,
            "version": self.version,
            "span": [offer.span.start, offer.span.end],
            "argument": offer.argument,
            "diagnostics": [_written(each) for each in offer.diagnostics],
            **(selected or {}),
        }

    @classmethod
    def from_json(cls, data: Any) -> ActionData | None:
        """From JSON; None if it is none of ours."""
        match {"selected": None, **data} if isinstance(data, dict) else None:
            case {
                "action": str(action),
                "title": str(title),
                "kind": str(kind),
                "uri": str(uri),
                "version": int(version),
                "span": [int(start), int(end)],
                "selected": None | [int(), int()] as selected,
                "argument": str(argument),
                "diagnostics": list(told),
            } if 0 <= start <= end:
                diagnostics = [_read(each) for each in told]
                offer = ActionOffer(
                    action=action,
                    title=title,
                    kind=kind,
                    span=Span(start, end),
                    argument=argument,
                    diagnostics=tuple(each for each in diagnostics if each is not None),
                    selected=None if selected is None else Span(*selected),
                )
                return cls(offer, uri, version)
        return None


class RecentOffers:
    """The texts and diagnostics that recent offers were made for, by document.

    An old text lets an edit be rebased when the document has changed since. A diagnostic lets an
    action fix others of its kind as well. Neither is needed to do what was offered.
    """

    def __init__(self) -> None:
        self._snapshots: dict[str, deque[Snapshot]] = {}
        self._seen: dict[str, DiagnosticMap] = {}

    def keep(
        self, snapshot: Snapshot, sent: Mapping[Diagnostic, types.Diagnostic]
    ) -> DiagnosticMap:
        """Remember the text and what is said of it; gives all that was ever said of this text."""
        kept = self._snapshots.setdefault(snapshot.uri, deque(maxlen=_MAX_SNAPSHOTS))
        if not kept or kept[-1] is not snapshot:
            kept.append(snapshot)
            self._seen[snapshot.uri] = {}
        seen = self._seen[snapshot.uri]
        if len(seen) < _MAX_DIAGNOSTICS:
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


def _written(diagnostic: Diagnostic) -> Mapping[str, Any]:
    return {
        "span": [diagnostic.span.start, diagnostic.span.end],
        "message": diagnostic.message,
        "severity": diagnostic.severity.value,
        "source": diagnostic.source,
        "code": diagnostic.code,
    }


def _read(raw: Any) -> Diagnostic | None:
    match raw:
        case {
            "span": [int(start), int(end)],
            "message": str(message),
            "severity": 1 | 2 | 3 | 4 as severity,
            "source": str(source),
            "code": str(code),
        } if 0 <= start <= end:
            return Diagnostic(Span(start, end), message, DiagnosticSeverity(severity), source, code)
    return None
