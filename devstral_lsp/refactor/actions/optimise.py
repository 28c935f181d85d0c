"""Make code faster or lighter where that is worth it."""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import KEEP, RewriteAction, is_function


def _instruction(traits: LanguagePromptFacts) -> str:
    return (
        f"Make this {traits.title} code do less work: a better algorithm or data structure, no "
        "repeated computation, no needless copies or round trips. Only change what gains something "
        "at sizes that are likely in practice, and prefer the standard library to clever tricks. "
        f"{KEEP} Keep the order of results and the errors, too; where a change is not obvious, "
        "say in a short comment why it is there."
    )


ACTION = RewriteAction(
    name="optimise",
    title="Optimise {}",
    instruction=_instruction,
    fits=is_function,
    adds_imports=True,
)
