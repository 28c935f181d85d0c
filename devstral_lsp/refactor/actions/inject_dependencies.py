"""Take from outside what a class or function makes or looks up for itself.

Offered where something is made or looked up: an object is constructed, a clock is read, a service
is called by its global name.
"""

from __future__ import annotations

import re

from devstral_lsp.refactor.rewrite_action import RewriteAction
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext
from devstral_lsp.refactor.traits import LanguagePromptFacts

_NEW = r"\bnew\s+(?!Error|Map|Set|Array|Promise|RegExp|\w*(?:Exception|Error|List|Map)\b)[A-Z]\w*"
_CALLED = r"(?<![\w.@])(?!\w*(?:Error|Exception|Warning)\b)[A-Z][^\Wa-z]*+[a-z]\w*+\("
_PATTERNS = {
    "python": re.compile(
        rf"{_CALLED}|\b(?:requests|httpx|subprocess|random|os\.environ)\b|\b(?:now|time|today)\(\)"
        r"|\bopen\("
    ),
    "javascript": re.compile(rf"{_NEW}|\bfetch\(|\bDate\.now\(|\bMath\.random\(|\bprocess\.env\b"),
    "java": re.compile(rf"{_NEW}|\b\w+\.(?:getInstance|now)\(|\bSystem\.\w+"),
    "csharp": re.compile(rf"{_NEW}|\bDateTime\.(?:Utc)?Now\b|\b\w+\.Instance\b"),
    "php": re.compile(rf"{_NEW}|\b\w+::getInstance\(|\b(?:time|curl_init)\("),
    "cpp": re.compile(rf"{_NEW}|\bmake_(?:unique|shared)<|::[iI]nstance\("),
    "ruby": re.compile(r"\b[A-Z]\w*\.new\b|\bTime\.now\b|\bENV\["),
    "go": re.compile(
        r"\b(?:\w+\.)?New[A-Z]\w*\(|\bhttp\.(?:Get|Post)\b|\btime\.Now\(|\bos\.Getenv"
    ),
    "kotlin": re.compile(rf"{_CALLED}|\bSystem\.\w+|\.now\(\)"),
    "swift": re.compile(rf"{_CALLED}|\.shared\b"),
    "dart": re.compile(rf"{_CALLED}|\.instance\b"),
    "scala": re.compile(rf"{_NEW}"),
}
_PATTERNS["typescript"] = _PATTERNS["javascript"]


def _fits(place: SelectionContext, target: RewriteTarget) -> bool:
    pattern = _PATTERNS.get(place.language.name)
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
