"""Make a function asynchronous, where the language has such functions and it is not one yet."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.rewrite_action import RewriteAction
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext

_ALREADY = re.compile(r"\basync\b|\bsuspend\b|\bFuture\b|\bTask\b")
_FIXED = re.compile(r"\b(?:constructor|get|set|operator)\b|\b__\w+__\b")
"""Constructors, accessors and Python's special methods are called by the language itself."""


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    unit = target.unit
    if unit is None or unit is not place.function or not place.traits.async_style:
        return False
    if unit.is_member and place.class_ is not None and unit.name == place.class_.name:
        return False
    return not _ALREADY.search(unit.header) and not _FIXED.search(unit.header)


def _instruction(traits: LanguagePromptFacts) -> str:
    return (
        f"Make this function asynchronous. {traits.async_style} Run independent steps at the same "
        "time only where their order cannot matter. Keep its name, its parameters, what it gives "
        "and which errors it raises; do not leave a synchronous twin behind."
    )


ACTION = RewriteAction(
    name="make_async",
    title="Make {} async",
    instruction=_instruction,
    fits=_fits,
    adds_imports=True,
)
