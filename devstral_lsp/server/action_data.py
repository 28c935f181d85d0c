"""The `data` of a code action, and the texts and diagnostics of recent offers.

The data is all that is needed to perform the action. The client sends it back as untrusted JSON,
and the document may have changed since.
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
"""Per document. Editors request actions at every move of the cursor, and use one of the last."""
_MAX_DIAGNOSTICS = 200

DiagnosticMap = dict[Diagnostic, types.Diagnostic]
"""Diagnostics in the form of `refactor/`, and the original ones."""


@dataclass(frozen=True, slots=True)
class ActionData:
    """An offer, and the version of the document to which its offsets refer."""

    offer: ActionOffer
    uri: str
    version: int

    @property
    def to_json(self) -> dict[str, Any]:
        """As JSON without null: Neovim 0.10 drops members that are null."""
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
            "diagnostics": [_diagnostic_to_json(each) for each in offer.diagnostics],
            **(selected or {}),
        }

    @classmethod
    def from_json(cls, data: Any) -> ActionData | None:
        """From JSON; None if it is not one of ours."""
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
                "diagnostics": list(raw_diagnostics),
            } if 0 <= start <= end:
                diagnostics = [_diagnostic_from_json(each) for each in raw_diagnostics]
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
    """The texts and diagnostics of recent offers, by document.

    With the old text, an edit can be rebased if the document has changed since. With the other
    diagnostics, an action can fix all of one kind. An action can be performed without either.
    """

    def __init__(self) -> None:
        self._snapshots: dict[str, deque[Snapshot]] = {}
        self._seen: dict[str, DiagnosticMap] = {}

    def keep(
        self, snapshot: Snapshot, sent: Mapping[Diagnostic, types.Diagnostic]
    ) -> DiagnosticMap:
        """Store the text and its diagnostics; returns all diagnostics so far of this text."""
        kept = self._snapshots.setdefault(snapshot.uri, deque(maxlen=_MAX_SNAPSHOTS))
        if not kept or kept[-1] is not snapshot:
            kept.append(snapshot)
            self._seen[snapshot.uri] = {}
        seen = self._seen[snapshot.uri]
        if len(seen) < _MAX_DIAGNOSTICS:
            seen.update(sent)
        return {**seen, **sent}

    def snapshot(self, uri: str, version: int) -> Snapshot | None:
        """The text of that version, if it is still stored."""
        kept = self._snapshots.get(uri, ())
        return next((each for each in kept if each.version == version), None)

    @property
    def seen(self) -> Mapping[str, Mapping[Diagnostic, types.Diagnostic]]:
        """The diagnostics of each document's last text, by URI."""
        return self._seen

    def forget(self, uri: str) -> None:
        """Call this when the document is closed: its versions may start again."""
        self._snapshots.pop(uri, None)
        self._seen.pop(uri, None)


def _diagnostic_to_json(diagnostic: Diagnostic) -> Mapping[str, Any]:
    return {
        "span": [diagnostic.span.start, diagnostic.span.end],
        "message": diagnostic.message,
        "severity": diagnostic.severity.value,
        "source": diagnostic.source,
        "code": diagnostic.code,
    }


def _diagnostic_from_json(raw: Any) -> Diagnostic | None:
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
