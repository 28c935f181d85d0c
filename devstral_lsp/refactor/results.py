"""Whether code that gave a result still does, or has a stub in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.code_lines import FILLER, CodeLine
from devstral_lsp.refactor.control_lines import is_clause

RAISES = re.compile(r"(?:raise|throw|panic|todo|unimplemented|abort|die|fatalError|error)\b|TODO\(")
_RETURNS = re.compile(r"return\b(?!;)[ \t(]*+[^\s;]")
_GIVES = re.compile(r"\b(?:return|raise|throw|panic|yield|lambda|exit|die|goto)\b")
"""Ways in which code gives a value, or does not come to its end."""


def drops_result(old: Sequence[CodeLine], new: Sequence[CodeLine], language: str) -> bool:
    """Whether values were returned, and none is in any way, or not at the end of the body."""
    if get_language(language).returns_last_expression:
        return False
    known = frozenset(each.text for each in old)
    gave = any(_RETURNS.match(each.code) for each in old)
    still_gives = any(
        _GIVES.search(each.code) or ("=>" in each.code and each.text not in known) for each in new
    )
    return gave and (not still_gives or _ends_without_result(old, new))


def is_stub(old: Sequence[CodeLine], new: Sequence[CodeLine], missing: int) -> bool:
    """Whether `new` ends in an error or an empty value that takes the place of code.

    `missing` is the number of lines of `old` that do not come back.
    """
    code = [each for each in new if each.words]
    if not code or any(code[-1].text == each.text for each in old):
        return False
    if RAISES.match(code[-1].code):
        return missing > 0 and len(code) <= sum(bool(each.words) for each in old)
    values = code[-1].words - {"return"}
    is_empty = all(each.lower() in FILLER or each.isdigit() for each in values)
    return missing > 1 and _RETURNS.match(code[-1].code) is not None and is_empty


def _ends_without_result(old: Sequence[CodeLine], new: Sequence[CodeLine]) -> bool:
    """Whether the last statement of the body was a `return` of a value, and nothing is now."""
    was, now = (_end_of_body(lines) for lines in (old, new))
    if not was or not now or not _RETURNS.match(was[0].code):
        return False
    is_conditional = re.match(r"if\b", now[0].code) is not None and not any(
        is_clause(each) and each.columns == now[0].columns for each in now[1:]
    )
    falls_off = is_conditional and was[0].words.isdisjoint(("None", "undefined"))
    return falls_off or not any(_GIVES.search(each.code) for each in now)


def _end_of_body(lines: Sequence[CodeLine]) -> list[CodeLine]:
    """The last statement in the body of the one definition that `lines` are; [] of others."""
    with_words = [each for each in lines if each.words and each.text[0] not in ")]}"]
    outer = min((each.columns for each in with_words), default=0)
    inner = min((each.columns for each in with_words if each.columns > outer), default=0)
    if not inner or sum(each.columns == outer for each in with_words) > 1:
        return []
    start = len(with_words)
    while start:
        start -= 1
        if with_words[start].columns == inner and not is_clause(with_words[start]):
            break
    return with_words[start:]
