"""Whether the tokens by which models frame a request have got into code.

Knows strings only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.languages import get_language
from devstral_lsp.leaks import control_tokens


def leaks_control_token(code: str, original: str, language: str) -> bool:
    """Whether `code` holds a control token that `original`, the document, does not speak of."""
    # An expression holds up every other thread until it is through: mostly, new lines will do.
    known = frozenset(original.splitlines())
    new = "\n".join(line for line in code.splitlines() if line not in known)
    if next(control_tokens(new), None) is None:
        return False
    return next(_leaked(code, original, language), None) is not None


def _leaked(code: str, original: str, language: str) -> Iterator[str]:
    is_markup = get_language(language).has_html_tags and "<s>" in code and "</s>" in code
    for match in control_tokens(code):
        token = match[0]
        if token in original or (match["strike"] and is_markup):
            continue
        if match["bracketed"] and _is_a_name(token, code, original):
            continue
        yield token


def _is_a_name(token: str, code: str, original: str) -> bool:
    """`[PREFIX]` is a list, or an index, where PREFIX is a name of the code's own."""
    name = token.strip("[]/")
    alone = re.compile(rf"(?<![\[/\w]){re.escape(name)}(?![\]\w])")
    return any(alone.search(text) for text in (original, code))
