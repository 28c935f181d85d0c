"""Explain code in prose. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, ReplyKind
from devstral_lsp.text import Snapshot


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """For the selected lines, the function at the cursor, or else the paragraph."""
    if place.is_blank:
        return []
    target = place.target
    span = target.span if target is not None else place.blank_line_block
    title = f"Explain {target.label if target is not None else 'this'}"
    return [ActionOffer(title=title, span=span)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    return ModelTask(
        instruction=(
            f"Explain this {prompt_facts_of(snapshot.language).title} to a colleague who knows the "
            "language, not this code. Begin with one or two sentences on what it is for; then "
            "go through how it works, in the order in which it runs, with the names of the "
            "code. Point out what surprises: assumptions, side effects, limits, likely bugs. "
            "Do not restate every line, and say so where you can only guess."
        ),
        answer=ReplyKind.MARKDOWN,
    )


ACTION = Action("explain", "refactor.explain", _find, _model_task, source_kind="source.explain")
