"""An offer on its way through the editor and back: what a code action carries as its data.

It holds all that is needed to do what was offered, so that nothing has to be remembered for it. On
the way back it is anybody's JSON, and is read as such: whether the document is still the one that
is meant is for the reader to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devstral_lsp.refactor.types import ActionOffer, Diagnostic, DiagnosticSeverity
from devstral_lsp.text import Span


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
