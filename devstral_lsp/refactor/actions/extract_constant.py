"""Extract a number or string literal into a named constant.

The constant is placed before the outermost function or class around it or, if that is long, in the
class next to the method.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.action import Action, Project, region_argument, region_code
from devstral_lsp.refactor.selection_context import MAX_CLASS_LINES, SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy
from devstral_lsp.text import Snapshot, Span


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the literal, as a part of the span."""
    if not place.traits.constant or place.window is None or place.is_line_selection:
        return []
    literal = None if place.is_blank else place.window.literal(place.trimmed)
    if literal is None:
        return []
    span = _span(place, literal)
    return [
        ActionOffer(title="Extract constant", span=span, argument=region_argument(span, literal))
    ]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    constant = prompt_facts_of(snapshot.language).constant
    return ModelTask(
        instruction=(
            f"Extract the literal `{region_code(offer, snapshot)}` into a constant: "
            f"{constant}. Name it for what it means, not for its value. Declare it right "
            "before the outermost definition that you are shown, or in the class before the "
            "method if the class is not shown as a whole. Use it for every occurrence here "
            "that means the same, and for none that is equal by chance; change nothing else."
        ),
        names=NamePolicy.ADDED,
    )


def _span(place: SelectionContext, literal: Span) -> Span:
    spans = [place.with_comments(unit.span) for unit in place.units_at(literal)]
    short = [span for span in spans if place.height(span) <= MAX_CLASS_LINES]
    return (short or spans or [place.whole_lines(literal)])[-1]


ACTION = Action("extract_constant", "refactor.extract.constant", _find, _model_task)
