"""Give local variables descriptive names, wherever they occur in the function.

The edit covers the whole function even if only part of it is selected, since a name has to change
wherever it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.refactor.action import REWRITE, Action, Project, region_argument, region_code
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask
from devstral_lsp.text import Snapshot


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the selected part of the span; "" means all of it."""
    target = place.target
    if target is None or not place.traits.is_code:
        return []
    span, argument = target.span, ""
    if place.is_line_selection and target.unit is None and place.function is not None:
        span = place.whole_lines(place.function.span)
        argument = region_argument(span, target.span)
    return [
        ActionOffer(
            title=f"Rename for clarity in {target.label}",
            span=span,
            argument=argument,
        ),
    ]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    part = region_code(offer, snapshot) if offer.argument else ""
    which = f"that occur in the following part of it:\n\n{part}\n\n" if part else ""
    return ModelTask(
        instruction=(
            "Rename the local variables, parameters that are only passed by position, and "
            f"private helpers of this code {which}whose names do not say what they hold or do. "
            "Rename each at every place where it occurs in the code, comments and "
            "documentation included. Keep good names, names that other files may use, keyword "
            "parameters, and the naming convention of the language; change nothing but names."
        )
    )


ACTION = Action("rename_for_clarity", REWRITE, _find, _model_task)
