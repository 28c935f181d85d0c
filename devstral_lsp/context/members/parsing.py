"""Parse a file for its facts: C as C++, without the macros that annotate declarations."""

from __future__ import annotations

import re

from devstral_lsp.context.members.queries import grammar_of
from devstral_lsp.syntax.tree import Syntax

_ARGUMENTS = r"(?:\([^()\n]{0,80}\))?"
_BEFORE_TYPE = re.compile(
    rf"(?<=(?:class|truct|union) )[A-Z][A-Z0-9_]{{1,80}}{_ARGUMENTS}"
    r"(?= {1,8}[^\W\d]\w{0,80}\s{0,8}(?:final\s{0,8})?[:{<])"
)
_BEFORE_FUNCTION = re.compile(
    rf"^[ \t]*[A-Z][A-Z0-9]{{0,80}}_[A-Z0-9_]{{0,80}}{_ARGUMENTS}"
    r"(?=[ \t]+(?:[\w:<>,]{1,80}[ \t*&]{1,8}){1,5}[*&]?[\w:~]{1,80}\()",
    re.MULTILINE,
)
"""`class MY_API Store {`, `MY_API void open(`: the parser would take the macro for the name."""


def blank_macros(text: str, language: str) -> tuple[str, str]:
    """A text that a grammar can parse, and the grammar's language id. Lines and columns stay."""
    if grammar_of(language) != "cpp":
        return text, language
    for pattern in (_BEFORE_TYPE, _BEFORE_FUNCTION):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text, "cpp"


def parse(text: str, language: str) -> Syntax | None:
    """The syntax tree of a text, with its lines and columns; None without a grammar."""
    return Syntax.of(*blank_macros(text, language))
