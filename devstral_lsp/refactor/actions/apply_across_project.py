"""Follow an instruction in a comment, in all files of the project that it concerns.

The comment is found as in `follow_comment`. This does not refactor a span: the server starts a task
(`refactor/task`) with the instruction in `argument`.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.refactor.action import REWRITE, Action, Project
from devstral_lsp.refactor.actions.follow_comment import comment_instruction
from devstral_lsp.refactor.selection_context import SelectionContext, truncate_title
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorRefused
from devstral_lsp.text import Snapshot

_WHERE = (
    "This is asked for by a comment in the file that the developer is looking at. Remove that "
    "comment, which has then done its part."
)


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the text of the comment, and its location."""
    found = None if place.selection.automatic else comment_instruction(place)
    if found is None:
        return []
    instruction, first, last = found
    return [
        ActionOffer(
            title=f"Apply across the project: {truncate_title(instruction, 50)}",
            span=place.span_of_lines(first, last),
            argument=f"{instruction}\n\n{_WHERE}",
        )
    ]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    raise RefactorRefused(
        "A change across the project is made in an editor, from the comment there."
    )


ACTION = Action("apply_across_project", REWRITE, _find, _model_task)
