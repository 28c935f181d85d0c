"""Follow the user's own instruction: `devstral.rewrite`, and `--instruction`.

Not offered in menus: `offer_of` creates the offer from the instruction.
"""

from __future__ import annotations

from devstral_lsp.refactor.action import REWRITE, Action, Project
from devstral_lsp.refactor.removal import asks_to_remove
from devstral_lsp.refactor.selection_context import SelectionContext, truncate_title
from devstral_lsp.refactor.types import (
    ActionOffer,
    ModelTask,
    NamePolicy,
    RefactorRefused,
    RefactorSelection,
)
from devstral_lsp.text import Snapshot

MAX_INSTRUCTION_LENGTH = 8_000
"""Code points. A longer one was pasted by mistake."""
BOUNDS = "Change what this asks for and nothing else, and follow the conventions of the file."
"""Appended to users' instructions, which rarely say so."""


def offer_of(selection: RefactorSelection, instruction: str) -> ActionOffer:
    """The offer to follow `instruction` on the selected lines, or on the code around the cursor.

    For a cursor on a blank line, new code is inserted there.

    Raises RefactorRefused for an instruction that is empty or longer than MAX_INSTRUCTION_LENGTH.
    """
    _check(instruction)
    place = SelectionContext(selection)
    is_part = not place.is_cursor and not place.is_line_selection
    words = instruction.strip()
    if is_part:
        words += f"\n\nThis is about `{place.selected.strip()}`, which is selected in the code."
    inserts = place.is_cursor and place.is_blank
    return ActionOffer(
        action=ACTION.name,
        title=truncate_title(instruction),
        kind=ACTION.kind,
        span=place.lines if inserts or not place.is_cursor else place.editable_span(place.trimmed),
        argument=words,
    )


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    _check(offer.argument)
    return ModelTask(
        instruction=f"{offer.argument.strip()}\n\n{BOUNDS}",
        names=NamePolicy.CHANGED,
        adds_imports=True,
        may_remove=asks_to_remove(offer.argument),
        words=offer.argument,
    )


def _check(instruction: str) -> None:
    if not instruction.strip():
        raise RefactorRefused("Say in words what is to be done.")
    if len(instruction) > MAX_INSTRUCTION_LENGTH:
        raise RefactorRefused(
            f"The instruction is longer than {MAX_INSTRUCTION_LENGTH} characters."
        )


ACTION = Action("instruct", REWRITE, lambda place: (), _model_task)
