"""Fix all problems of one kind in the file: those with the same source and code.

Where a server gives no codes, messages that differ only in names and numbers are of one kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.base import Diagnostic, Errand, Names, Offer, Project
from devstral_lsp.refactor.problems import about_names, described, kind_of, title_of_kind
from devstral_lsp.refactor.selection import Place
from devstral_lsp.text import Snapshot

MOST_KINDS = 3
"""At one place."""
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class FixAllOfKind:
    """The span reaches from the first of the problems to the last."""

    name: str = "fix_all_of_kind"
    kind: str = "quickfix"

    def offers(self, place: Place) -> Sequence[Offer]:
        here = dict.fromkeys(kind_of(each) for each in place.selection.diagnostics)
        known = dict.fromkeys((*place.selection.diagnostics, *place.selection.others))
        offers = []
        for kind in list(here)[:MOST_KINDS]:
            alike = sorted(
                (each for each in known if kind_of(each) == kind), key=lambda each: each.span.start
            )[:MOST_AT_ONCE]
            if len(alike) > 1:
                offers.append(self._offer(place, alike))
        return offers

    def errand(self, offer: Offer, snapshot: Snapshot, project: Project) -> Errand:
        return Errand(
            instruction=(
                f"Fix these problems, each at its place:\n\n"
                f"{described(offer.diagnostics, snapshot)}\n\n"
                "Fix them in the same way, by their cause: no suppressing comments, and no casts "
                "that only hide them. Change nothing between them."
            ),
            names=Names.CHANGED if about_names(offer.diagnostics) else Names.ADDED,
            adds_imports=True,
        )

    def _offer(self, place: Place, alike: Sequence[Diagnostic]) -> Offer:
        return Offer(
            action=self.name,
            title=f"Fix all {len(alike)}: {title_of_kind(alike[0])}",
            kind=self.kind,
            span=place.surroundings_of([place.within(each.span) for each in alike]),
            diagnostics=tuple(alike),
        )


ACTION = FixAllOfKind()
