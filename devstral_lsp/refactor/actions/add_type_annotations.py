"""Write down types where the language has annotations and some are left out."""

from __future__ import annotations

from devstral_lsp.refactor.rewriting import Rewrite
from devstral_lsp.refactor.selection import Place, Target
from devstral_lsp.refactor.traits import Traits


def _fits(place: Place, target: Target) -> bool:
    if not place.traits.annotations:
        return False
    return any(unit.lacks_types for unit in place.functions_in(target))


def _instruction(traits: Traits) -> str:
    return (
        f"Add the type annotations that are missing. {traits.annotations} Derive each type from "
        "what the code does with the value and from the definitions that you are shown; where that "
        "leaves it open, choose the widest type that is right. Change nothing but annotations and "
        "the imports that they need."
    )


ACTION = Rewrite(
    name="add_type_annotations",
    title="Add type annotations to {}",
    instruction=_instruction,
    fits=_fits,
    adds_imports=True,
)
