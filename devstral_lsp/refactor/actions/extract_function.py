"""Move the selected statements, or one expression, into a new function.

The edit may touch the function around them, so that the new one can be placed next to it. For a
selection that splits a statement, the offer is disabled, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.action import Action, Project, region_argument, region_code
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy
from devstral_lsp.text import Snapshot

_ONE_WORD = re.compile(r"[\w$.'\"]+")
_CUT = "Select whole statements, or one whole expression."


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the selected part of the span."""
    part = place.trimmed
    if place.is_cursor or not place.traits.is_code or _ONE_WORD.fullmatch(place.slice(part)):
        return []
    function = place.function
    if place.functions_within(place.lines) or place.window is None:
        return []
    is_method = function is not None and function.is_member and place.traits.has_classes
    span = place.whole_lines(function.span) if function is not None else place.lines
    return [
        ActionOffer(
            title="Extract method" if is_method else "Extract function",
            span=span,
            argument=region_argument(span, part),
            disabled="" if place.is_whole else _CUT,
        )
    ]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
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


ACTION = Action("extract_function", "refactor.extract.function", _find, _model_task)
