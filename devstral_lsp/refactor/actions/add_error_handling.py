"""Handle what can go wrong, by the language's own convention."""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import RewriteAction, is_function
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    return bool(place.traits.error_handling) and is_function(place, target)


def _instruction(traits: LanguagePromptFacts) -> str:
    return (
        "Add error handling for what can really fail here: input and output, parsing, outside "
        f"services, values that may be missing. {traits.error_handling} Keep what happens when "
        "nothing fails, and keep the signatures. Do not guard against what cannot happen, do not "
        "hide errors, and do not handle what the caller is in a better place to handle."
    )


ACTION = RewriteAction(
    name="add_error_handling",
    title="Add error handling to {}",
    instruction=_instruction,
    fits=_fits,
    adds_imports=True,
)
