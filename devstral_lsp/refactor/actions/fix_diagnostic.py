"""Fix one diagnostic of any language server, this one included: one offer for each."""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.diagnostics import format_diagnostics, may_change_names
from devstral_lsp.refactor.selection_context import SelectionContext, truncate_title
from devstral_lsp.refactor.types import ActionOffer, Diagnostic, ModelTask, NamePolicy
from devstral_lsp.text import Snapshot

MAX_FIXES = 10
"""At one place."""


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """Of the most severe diagnostics, the one nearest to the cursor is preferred."""
    problems = sorted(
        dict.fromkeys(place.selection.diagnostics),
        key=lambda problem: (problem.severity, _distance(place, problem)),
    )
    return [
        ActionOffer(
            title=f"Fix: {truncate_title(problem.message)}",
            span=place.editable_span(place.within(problem.span)),
            diagnostics=(problem,),
            is_preferred=rank == 0,
        )
        for rank, problem in enumerate(problems[:MAX_FIXES])
    ]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    problem = format_diagnostics(offer.diagnostics, snapshot.text, offer.span.start)
    return ModelTask(
        instruction=(
            f"Fix this problem:\n\n{problem}\n\n"
            "Fix its cause, not the message: no suppressing comments, no casts that only hide "
            "it, no removal of code that is needed. Make the smallest change that a careful "
            "engineer would make, and keep everything else as it is."
        ),
        names=NamePolicy.CHANGED if may_change_names(offer.diagnostics) else NamePolicy.ADDED,
        adds_imports=True,
        may_remove=True,
    )


def _distance(place: SelectionContext, problem: Diagnostic) -> int:
    """Code points between the cursor and the problem."""
    return max(0, problem.span.start - place.cursor, place.cursor - problem.span.end)


ACTION = Action("fix_diagnostic", "quickfix", _find, _model_task)
