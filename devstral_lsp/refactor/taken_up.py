"""Whether a changed line took up the code that is missing after it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from devstral_lsp.refactor.code_lines import HEADERS, CodeLine, Gap, assigned_names
from devstral_lsp.refactor.results import RAISES

_OPENS = re.compile(r"[{:=]\Z")
_EMPTY = re.compile(r"[=-] *(?:\{\}|\[\]|''|\"\"|(?:new )?[\w.<>]+\(\));?\Z")
_CALLS = re.compile(r"\w\([^)\s]")


def takes_up_body(gap: Gap) -> bool:
    """Whether the header above became one line, with a value from what the body was about."""
    if gap.was is None or gap.above is None or not _OPENS.search(gap.was.code):
        return False
    if gap.follows is not None and gap.follows.columns > gap.above.columns:
        return False
    _, found, value = gap.above.code.partition("=> " if "=> " in gap.above.code else " = ")
    names = {name for each in gap.missing for name in each.names}
    has_value = not names.isdisjoint(re.findall(r"\w+", value)) and not re.search(
        rf"\b(?:{RAISES.pattern})", value
    )
    return bool(found) and not _OPENS.search(gap.above.code) and has_value


def begin_alike(gap: Gap) -> bool:
    """Whether the changed line above took words from lines that all begin with its first name."""
    lines = [e for e in (gap.above, *gap.missing) if e is not None]
    first = {next(iter(re.findall(r"\w+", each.code)), "") for each in lines}
    words = {word for each in gap.missing for word in each.words}
    return len(first) == 1 and first <= lines[0].names and not words.isdisjoint(gap.new_words)


def calls(line: CodeLine, names: Collection[str]) -> bool:
    """Whether a line calls one of `names`: by brackets, or with a block as in Kotlin and Ruby."""
    if any(f"{name}(" in line.code for name in names):
        return True
    has_block = any(f".{name} {opener}" in line.code for name in names for opener in ("{", "do"))
    return has_block and line.words.isdisjoint(HEADERS)


def filled_names(old: Sequence[CodeLine], new: Sequence[CodeLine]) -> frozenset[str]:
    """The names that began empty in `old`, and get all of their value from one call in `new`."""
    empty = {name for each in old if _EMPTY.search(each.code) for name in assigned_names(each)}
    filled = (each for each in new if _CALLS.search(each.code))
    return frozenset(name for each in filled for name in assigned_names(each)) & empty
