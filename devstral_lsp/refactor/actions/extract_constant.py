"""Give a number or a string that stands in the code a name.

The constant goes before the outermost function or class around it; where that is long, into the
class, beside the method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.selection_context import MOST_CLASS_LINES, SelectionContext
from devstral_lsp.refactor.sub_span import region_argument, region_code
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy, Project
from devstral_lsp.text import Snapshot, Span


@dataclass(frozen=True, slots=True)
class ExtractConstant:
    """`argument` is the literal, as a part of the span."""

    name: str = "extract_constant"
    kind: str = "refactor.extract.constant"

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        if (
            not place.traits.constant
            or place.window is None
            or place.is_line_selection
            or place.is_blank
        ):
            return ()
        literal = place.window.literal(place.trimmed)
        if literal is None:
            return ()
        span = _span(place, literal)
        return (
            ActionOffer(
                action=self.name,
                title="Extract constant",
                kind=self.kind,
                span=span,
                argument=region_argument(span, literal),
            ),
        )

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
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
    short = [span for span in spans if place.height(span) <= MOST_CLASS_LINES]
    return (short or spans or [place.whole_lines(literal)])[-1]


ACTION = ExtractConstant()
