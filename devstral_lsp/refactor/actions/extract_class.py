"""Move related members into a separate class.

Offered for a selection that contains functions, and in a class with many functions if the cursor is
in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.refactor.action import Action, Project, region_argument, region_code
from devstral_lsp.refactor.selection_context import MAX_CLASS_LINES, SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy
from devstral_lsp.text import Snapshot, Span

_MANY = 6
"""Methods from which on a class may be worth splitting."""


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the selected part of the span; "" lets the model choose."""
    if not place.traits.has_classes or place.is_blank:
        return []
    span = _span(place)
    if span is None or place.height(span) > MAX_CLASS_LINES:
        return []
    argument = region_argument(span, place.trimmed) if place.is_line_selection else ""
    return [ActionOffer(title="Extract class", span=span, argument=argument)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    which = "the group of fields and methods that has least to do with the rest"
    if offer.argument:
        which = f"the following part:\n\n{region_code(offer, snapshot)}\n\n"
    return ModelTask(
        instruction=(
            f"Extract a class from this code. Move into it {which}, together with the state "
            "that only it uses. Name the class for its one responsibility, put it right before "
            "the code that uses it, and let the old code hold an instance and delegate to it, "
            "so that all public names, signatures and results stay. Follow the file's "
            "conventions for constructors, visibility and documentation."
        ),
        names=NamePolicy.ADDED,
        adds_imports=True,
    )


def _span(place: SelectionContext) -> Span | None:
    """The span that the edit may touch; None if there is no class to extract."""
    around = place.class_
    if place.is_line_selection:
        within = place.functions_within(place.lines)
        if not within or (len(within) == 1 and around is None):
            return None
        return place.whole_lines(around.span) if around is not None else place.lines
    if around is None or place.function is not None:
        return None
    span = place.whole_lines(around.span)
    return span if len(place.functions_within(span)) >= _MANY else None


ACTION = Action("extract_class", "refactor.extract.class", _find, _model_task)
