"""Fix all diagnostics of one kind in the file: those with the same source and code.

Without a code, messages that differ only in names and numbers are of one kind.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.diagnostics import (
    diagnostic_kind,
    format_diagnostics,
    may_change_names,
    title_of_kind,
)
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, Diagnostic, ModelTask, NamePolicy
from devstral_lsp.text import Snapshot

MAX_KINDS = 3
"""At one place."""
MAX_AT_ONCE = 50


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """Each offer's span reaches from the first of its diagnostics to the last."""
    here = dict.fromkeys(diagnostic_kind(each) for each in place.selection.diagnostics)
    known = dict.fromkeys((*place.selection.diagnostics, *place.selection.other_diagnostics))
    offers = []
    for kind in list(here)[:MAX_KINDS]:
        alike = sorted(
            (each for each in known if diagnostic_kind(each) == kind),
            key=lambda each: each.span.start,
        )[:MAX_AT_ONCE]
        if len(alike) > 1:
            offers.append(_offer(place, alike))
    return offers


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    return ModelTask(
        instruction=(
            f"Fix these problems, each at its place:\n\n"
            f"{format_diagnostics(offer.diagnostics, snapshot.text, offer.span.start)}\n\n"
            "Fix them in the same way, by their cause: no suppressing comments, and no casts "
            "that only hide them. Change nothing between them."
        ),
        names=NamePolicy.CHANGED if may_change_names(offer.diagnostics) else NamePolicy.ADDED,
        adds_imports=True,
        may_remove=True,
    )


def _offer(place: SelectionContext, alike: Sequence[Diagnostic]) -> ActionOffer:
    return ActionOffer(
        title=f"Fix all {len(alike)}: {title_of_kind(alike[0])}",
        span=place.surroundings_of([place.within(each.span) for each in alike]),
        diagnostics=tuple(alike),
    )


ACTION = Action("fix_all_of_kind", "quickfix", _find, _model_task)
