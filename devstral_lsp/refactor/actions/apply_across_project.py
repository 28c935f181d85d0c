"""Do what a comment in the code says, in all files of the project that it concerns.

The comment is found as `follow_comment` finds it. What follows is no refactor of a span but a task
(`refactor/task`), which whoever takes the offer begins: with the words of `argument`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.actions.follow_comment import comment_instruction
from devstral_lsp.refactor.rewrite_action import REWRITE
from devstral_lsp.refactor.selection_context import SelectionContext, truncate_title
from devstral_lsp.refactor.types import ActionOffer, ModelTask, Project, RefactorRefused
from devstral_lsp.text import Snapshot

_WHERE = (
    "This is asked for by a comment in the file that the developer is looking at. Remove that "
    "comment, which has then done its part."
)


@dataclass(frozen=True, slots=True)
class ApplyAcrossProject:
    """`argument` is what the comment says, and where it stands."""

    name: str = "apply_across_project"
    kind: str = REWRITE

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        found = None if place.selection.automatic else comment_instruction(place)
        if found is None:
            return ()
        instruction, first, last = found
        return (
            ActionOffer(
                action=self.name,
                title=f"Apply across the project: {truncate_title(instruction, 50)}",
                kind=self.kind,
                span=place.span_of_lines(first, last),
                argument=f"{instruction}\n\n{_WHERE}",
            ),
        )

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        raise RefactorRefused(
            "A change across the project is made in an editor, from the comment there."
        )


ACTION = ApplyAcrossProject()
