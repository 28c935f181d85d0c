"""Write down types where the language has annotations and some are left out."""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import RewriteAction
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    if not place.traits.annotations:
        return False
    return any(unit.lacks_types for unit in place.functions_in(target))


def _instruction(traits: LanguagePromptFacts) -> str:
    return (
        f"Add the type annotations that are missing. {traits.annotations} Derive each type from "
        "what the code does with the value and from the definitions that you are shown; where that "
        "leaves it open, choose the widest type that is right. Change nothing but annotations and "
        "the imports that they need."
    )


ACTION = RewriteAction(
    name="add_type_annotations",
    title="Add type annotations to {}",
    instruction=_instruction,
    fits=_fits,
    adds_imports=True,
)
