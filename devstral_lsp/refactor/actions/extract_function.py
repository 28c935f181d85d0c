"""Move the selected statements, or one expression, into a function of their own.

The edit may touch the function around them, so that the new one can stand beside it. A selection
that cuts a statement in two is answered with the reason, but only where the user asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.sub_span import region_argument, region_code
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy, Project
from devstral_lsp.text import Snapshot

_ONE_WORD = re.compile(r"[\w$.'\"]+")
_CUT = "Select whole statements, or one whole expression."


@dataclass(frozen=True, slots=True)
class ExtractFunction:
    """`argument` is the selected part of the span."""

    name: str = "extract_function"
    kind: str = "refactor.extract.function"

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        part = place.trimmed
        if place.is_cursor or not place.traits.is_code or _ONE_WORD.fullmatch(place.slice(part)):
            return ()
        function = place.function
        if place.functions_within(place.lines) or place.window is None:
            return ()
        is_method = function is not None and function.is_member and place.traits.has_classes
        span = place.whole_lines(function.span) if function is not None else place.lines
        return (
            ActionOffer(
                action=self.name,
                title="Extract method" if is_method else "Extract function",
                kind=self.kind,
                span=span,
                argument=region_argument(span, part),
                disabled="" if place.is_whole else _CUT,
            ),
        )

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        kind = "method" if offer.title == "Extract method" else "function"
        language = prompt_facts_of(snapshot.language).title
        return ModelTask(
            instruction=(
                f"Extract the following part of this {language} code into a new {kind}, and call "
                f"it where the part stood:\n\n{region_code(offer, snapshot)}\n\n"
                "Name it for what it does. Pass in what it reads, give back what is used after it, "
                "and keep early exits and errors as they are. Put it right beside the code that "
                f"calls it, where a reader of {language} looks for it, as private as the language "
                "allows, with the annotations and documentation that its neighbours have. Leave "
                "all other code as it is."
            ),
            names=NamePolicy.ADDED,
        )


ACTION = ExtractFunction()
