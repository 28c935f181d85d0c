"""Make code shorter and plainer without changing what it does."""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import KEEP, RewriteAction


def _instruction(traits: LanguagePromptFacts) -> str:
    return (
        f"Simplify this {traits.title} code. Remove what is never reached, conditions that are "
        "always true or false, needless variables and repetition; use what the language and its "
        f"standard library offer. {KEEP} Do not make it terse at the cost of clarity, and leave it "
        "as it is where nothing can be simplified."
    )


ACTION = RewriteAction(
    name="simplify",
    title="Simplify {}",
    instruction=_instruction,
    adds_imports=True,
)
