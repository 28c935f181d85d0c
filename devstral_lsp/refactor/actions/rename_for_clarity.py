"""Give local names that say what they hold, wherever they occur in the function.

The edit covers the whole function, also where only a part of it was selected: a name that is used
behind the selection has to change there, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.rewrite_action import REWRITE, is_code
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.sub_span import region_argument, region_code
from devstral_lsp.refactor.types import ActionOffer, ModelTask, Project
from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class RenameForClarity:
    """`argument` says which part was selected, "" if all that the edit may touch was."""

    name: str = "rename_for_clarity"
    kind: str = REWRITE

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        target = place.target
        if target is None or not is_code(place, target):
            return ()
        span, argument = target.span, ""
        if place.is_line_selection and target.unit is None and place.function is not None:
            span = place.whole_lines(place.function.span)
            argument = region_argument(span, target.span)
        return (
            ActionOffer(
                action=self.name,
                title=f"Rename for clarity in {target.label}",
                kind=self.kind,
                span=span,
                argument=argument,
            ),
        )

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        part = region_code(offer, snapshot) if offer.argument else ""
        which = f"that occur in the following part of it:\n\n{part}\n\n" if part else ""
        return ModelTask(
            instruction=(
                "Rename the local variables, parameters that are only passed by position, and "
                f"private helpers of this code {which}whose names do not say what they hold or do. "
                "Rename each at every place where it occurs in the code, comments and "
                "documentation included. Keep good names, names that other files may use, keyword "
                "parameters, and the naming convention of the language; change nothing but names."
            )
        )


ACTION = RenameForClarity()
