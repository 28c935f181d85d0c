"""Do what the user says in words of their own, as `devstral.rewrite` and the command line have it.

Never offered by itself: `offer_of` makes the offer from the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.rewrite_action import REWRITE
from devstral_lsp.refactor.selection_context import SelectionContext, truncate_title
from devstral_lsp.refactor.types import (
    ActionOffer,
    ModelTask,
    NamePolicy,
    Project,
    RefactorRefused,
    RefactorSelection,
)
from devstral_lsp.text import Snapshot

LONGEST_INSTRUCTION = 8_000
"""Code points. What is longer was pasted by mistake."""


@dataclass(frozen=True, slots=True)
class FreeInstruction:
    """`argument` is the instruction."""

    name: str = "instruct"
    kind: str = REWRITE

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        return ()

    def offer_of(self, selection: RefactorSelection, instruction: str) -> ActionOffer:
        """The offer to follow `instruction` on what is selected, or on what the cursor stands in.

        Raises RefactorRefused if there is no instruction, or one that is far too long.
        """
        _check(instruction)
        place = SelectionContext(selection)
        span = place.lines if not place.is_cursor else place.editable_span(place.trimmed)
        return ActionOffer(
            action=self.name,
            title=truncate_title(instruction),
            kind=self.kind,
            span=span,
            argument=instruction.strip(),
        )

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        _check(offer.argument)
        return ModelTask(
            instruction=f"{offer.argument.strip()}\n\n{BOUNDS}",
            names=NamePolicy.CHANGED,
            adds_imports=True,
            words=offer.argument,
        )


BOUNDS = "Change what this asks for and nothing else, and follow the conventions of the file."
"""Said after the words of a user, who does not think of it."""


def _check(instruction: str) -> None:
    if not instruction.strip():
        raise RefactorRefused("Say in words what is to be done.")
    if len(instruction) > LONGEST_INSTRUCTION:
        raise RefactorRefused(f"The instruction is longer than {LONGEST_INSTRUCTION} characters.")


ACTION = FreeInstruction()
