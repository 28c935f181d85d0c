"""Make code easier to read without changing what it does. Prose as well, in Markdown and text."""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import KEEP, RewriteAction, is_function
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext

_PROSE = (
    "Make the text easier to read: shorter sentences, plain words, one thought at a time. Keep "
    "its meaning, language and tone, its markup, links and code, and do not add facts."
)


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    return is_function(place, target) or place.is_line_selection or target.unit is not None


def _instruction(traits: LanguagePromptFacts) -> str:
    if not traits.is_code:
        return _PROSE if traits.title in ("Markdown", "plaintext") else _data(traits)
    return (
        f"Make this {traits.title} code easier to read. Give local names a meaning, flatten "
        "nesting by early exits, put steps in the order in which a reader needs them, and split "
        "expressions "
        "that hold several thoughts; follow the conventions of the file and of the language. "
        f"{KEEP} Do not change what reads well already, and do not add comments that repeat the "
        "code."
    )


def _data(traits: LanguagePromptFacts) -> str:
    return (
        f"Make this {traits.title} easier to read: order, grouping and indentation as is usual in "
        f"{traits.title}. Keep its meaning, all values and names, and the comments."
    )


ACTION = RewriteAction(
    name="improve_readability",
    title="Improve readability of {}",
    instruction=_instruction,
    fits=_fits,
)
