"""Explain code in prose. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, Project, ReplyKind
from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class Explain:
    """What was picked, the function at the cursor, or else the paragraph."""

    name: str = "explain"
    kind: str = "refactor.explain"

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        if place.is_blank:
            return ()
        target = place.target
        span = target.span if target is not None else place.blank_line_block
        title = f"Explain {target.label if target is not None else 'this'}"
        return (ActionOffer(action=self.name, title=title, kind=self.kind, span=span),)

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        title = prompt_facts_of(snapshot.language).title
        return ModelTask(
            instruction=(
                f"Explain this {title} to a colleague who knows the "
                "language, not this code. Begin with one or two sentences on what it is for; then "
                "go through how it works, in the order in which it runs, with the names of the "
                "code. Point out what surprises: assumptions, side effects, limits, likely bugs. "
                "Do not restate every line, and say so where you can only guess."
            ),
            answer=ReplyKind.MARKDOWN,
        )


ACTION = Explain()
