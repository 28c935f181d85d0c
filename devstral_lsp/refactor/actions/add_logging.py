"""Add log lines where somebody who runs the code would miss them."""

from __future__ import annotations

from devstral_lsp.refactor.base import Names
from devstral_lsp.refactor.rewriting import Rewrite, is_function
from devstral_lsp.refactor.selection import Place, Target
from devstral_lsp.refactor.traits import Traits


def _fits(place: Place, target: Target) -> bool:
    return bool(place.traits.logging) and is_function(place, target)


def _instruction(traits: Traits) -> str:
    return (
        "Add logging to this code: decisions, calls to the outside and failures, with the values "
        f"that somebody would look for. {traits.logging} Choose levels with care: debug for steps, "
        "info for what an operator wants to know, warning and error for trouble. Never log "
        "passwords, keys or personal data, and nothing in tight loops; change nothing else."
    )


ACTION = Rewrite(
    name="add_logging",
    title="Add logging to {}",
    instruction=_instruction,
    fits=_fits,
    names=Names.ADDED,
    adds_imports=True,
)
