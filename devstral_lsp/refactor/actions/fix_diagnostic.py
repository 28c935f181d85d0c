"""Fix one problem that some language server reports, ours included: one offer for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.base import Diagnostic, Errand, Names, Offer, Project
from devstral_lsp.refactor.problems import about_names, described
from devstral_lsp.refactor.selection import Place, shortened
from devstral_lsp.text import Snapshot

MOST_FIXES = 10
"""At one place."""


@dataclass(frozen=True, slots=True)
class FixDiagnostic:
    """The most severe problem that is nearest to the cursor is the preferred one."""

    name: str = "fix_diagnostic"
    kind: str = "quickfix"

    def offers(self, place: Place) -> Sequence[Offer]:
        problems = sorted(
            dict.fromkeys(place.selection.diagnostics),
            key=lambda problem: (problem.severity, _distance(place, problem)),
        )
        return [
            Offer(
                action=self.name,
                title=f"Fix: {shortened(problem.message)}",
                kind=self.kind,
                span=place.surroundings(place.within(problem.span)),
                diagnostics=(problem,),
                is_preferred=rank == 0,
            )
            for rank, problem in enumerate(problems[:MOST_FIXES])
        ]

    def errand(self, offer: Offer, snapshot: Snapshot, project: Project) -> Errand:
        return Errand(
            instruction=(
                f"Fix this problem:\n\n{described(offer.diagnostics, snapshot)}\n\n"
                "Fix its cause, not the message: no suppressing comments, no casts that only hide "
                "it, no removal of code that is needed. Make the smallest change that a careful "
                "engineer would make, and keep everything else as it is."
            ),
            names=Names.CHANGED if about_names(offer.diagnostics) else Names.ADDED,
            adds_imports=True,
        )


def _distance(place: Place, problem: Diagnostic) -> int:
    """Code points between the cursor and the problem."""
    return max(0, problem.span.start - place.cursor, place.cursor - problem.span.end)


ACTION = FixDiagnostic()
