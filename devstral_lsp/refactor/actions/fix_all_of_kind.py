"""Fix all problems of one kind in the file: those with the same source and code.

Where a server gives no codes, messages that differ only in names and numbers are of one kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.diagnostics import (
    diagnostic_kind,
    format_diagnostics,
    may_change_names,
    title_of_kind,
)
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, Diagnostic, ModelTask, NamePolicy, Project
from devstral_lsp.text import Snapshot

MOST_KINDS = 3
"""At one place."""
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class FixAllOfKind:
    """The span reaches from the first of the problems to the last."""

    name: str = "fix_all_of_kind"
    kind: str = "quickfix"

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        here = dict.fromkeys(diagnostic_kind(each) for each in place.selection.diagnostics)
        known = dict.fromkeys((*place.selection.diagnostics, *place.selection.other_diagnostics))
        offers = []
        for kind in list(here)[:MOST_KINDS]:
            alike = sorted(
                (each for each in known if diagnostic_kind(each) == kind),
                key=lambda each: each.span.start,
            )[:MOST_AT_ONCE]
            if len(alike) > 1:
                offers.append(self._offer(place, alike))
        return offers

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        return ModelTask(
            instruction=(
                f"Fix these problems, each at its place:\n\n"
                f"{format_diagnostics(offer.diagnostics, snapshot)}\n\n"
                "Fix them in the same way, by their cause: no suppressing comments, and no casts "
                "that only hide them. Change nothing between them."
            ),
            names=NamePolicy.CHANGED if may_change_names(offer.diagnostics) else NamePolicy.ADDED,
            adds_imports=True,
        )

    def _offer(self, place: SelectionContext, alike: Sequence[Diagnostic]) -> ActionOffer:
        return ActionOffer(
            action=self.name,
            title=f"Fix all {len(alike)}: {title_of_kind(alike[0])}",
            kind=self.kind,
            span=place.surroundings_of([place.within(each.span) for each in alike]),
            diagnostics=tuple(alike),
        )


ACTION = FixAllOfKind()
