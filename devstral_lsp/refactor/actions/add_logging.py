"""Add log lines where somebody who runs the code would miss them."""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import RewriteAction, is_function
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext
from devstral_lsp.refactor.types import NamePolicy


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    return bool(place.traits.logging) and is_function(place, target)


def _instruction(traits: LanguagePromptFacts) -> str:
    return (
        "Add logging to this code: decisions, calls to the outside and failures, with the values "
        f"that somebody would look for. {traits.logging} Choose levels with care: debug for steps, "
        "info for what an operator wants to know, warning and error for trouble. Never log "
        "passwords, keys or personal data, and nothing in tight loops; change nothing else."
    )


ACTION = RewriteAction(
    name="add_logging",
    title="Add logging to {}",
    instruction=_instruction,
    fits=_fits,
    names=NamePolicy.ADDED,
    adds_imports=True,
)
