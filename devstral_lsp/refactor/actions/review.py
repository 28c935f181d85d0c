"""Review code. The findings become diagnostics, which `fix_diagnostic` can fix."""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, ReplyKind
from devstral_lsp.text import Snapshot

MAX_LINES = 1_500
"""Of a file that is reviewed as a whole."""


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """For the selected lines, the function or class at the cursor, or else the file."""
    target = place.target
    if target is not None:
        span, words = target.span, target.label
    elif place.text.line_count <= MAX_LINES and place.whole_text.strip():
        span, words = place.span_of_lines(0, place.text.line_count - 1), "this file"
    else:
        return []
    return [ActionOffer(title=f"Review {words}", span=span)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    title = prompt_facts_of(snapshot.language).title
    return ModelTask(
        instruction=(
            f"Review this {title} as a demanding colleague would. "
            "Report bugs, unhandled cases, races, leaks, security holes, wrong or misleading "
            "documentation, and needless complexity, the worst first. Say of each what goes "
            "wrong and when, and what to do instead, in one to three sentences. Report only "
            "what you are sure of from what you are shown; no praise, no matters of taste or "
            "formatting, and nothing at all if there is nothing."
        ),
        answer=ReplyKind.FINDINGS,
    )


ACTION = Action("review", "refactor.review", _find, _model_task, source_kind="source.review")
