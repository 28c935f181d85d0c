"""Take from outside what a class or function makes or looks up for itself.

Offered where something is made or looked up: an object is constructed, a clock is read, a service
is called by its global name.
"""

from __future__ import annotations

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import RewriteAction
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    pattern = place.language.collaborators
    if pattern is None or target.unit is None or target.unit.body is None:
        return False
    return pattern.search(place.slice(target.unit.body)) is not None


def _instruction(traits: LanguagePromptFacts) -> str:
    where = (
        "the constructor, or a parameter of the function" if traits.has_classes else "parameters"
    )
    return (
        "Use dependency injection: take the collaborators that this code constructs or looks up by "
        f"a global name (services, clients, clocks, randomness, configuration) through {where}. "
        "Give each a default that is what the code uses now, where the language allows it, so that "
        "existing callers keep working. Depend on the narrowest interface that the code needs; do "
        "not inject plain values and containers, and do not bring in a framework."
    )


ACTION = RewriteAction(
    name="inject_dependencies",
    title="Use dependency injection in {}",
    instruction=_instruction,
    fits=_fits,
    adds_imports=True,
)
