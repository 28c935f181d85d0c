"""Detect the indentation style of lines: tabs or spaces, and the width of a block."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext
from devstral_lsp.languages import Language
from devstral_lsp.languages.indentation import indent_of

_SURE = 0.8
"""Share of the blocks that must agree on a unit."""

_PURE = 0.95
"""Share of the indented lines that must use tabs, or spaces."""

_WIDEST = 8

_LINES_READ = 80
"""Lines above and below to inspect; the nearest are the best evidence."""

_NO_BLOCK = re.compile(r"(?:[(\[,&|+\\]|=[ ]?\{)[ \t]*$")
"""Constructs to which a next line can be aligned: brackets, operators, lists of values."""


@dataclass(frozen=True, slots=True)
class Style:
    """A style. `unit` is the width of a block in spaces; 0 if unknown."""

    tabs: bool
    spaces: bool
    unit: int


@lru_cache(maxsize=16)
def style_of(lines: tuple[str, ...], language: Language, base: int = 0) -> Style:
    """The style that nearly all `lines` share; neither `tabs` nor `spaces` if they are mixed.

    `base` is the number of columns by which all of them are indented.
    """
    filled = [line for line in lines if line.strip()]
    indents = [indent_of(line) for line in filled]
    with_tabs = sum(indent.startswith("\t") for indent in indents)
    with_spaces = sum(indent.startswith(" ") and len(indent) > 1 for indent in indents)
    most = max(1, _PURE * (with_tabs + with_spaces))
    return Style(with_tabs >= most, with_spaces >= most, _unit(filled, language, base))


def _unit(lines: Sequence[str], language: Language, base: int) -> int:
    steps: Counter[int] = Counter()
    left = brackets.open_at_line_ends("\n".join(lines), language)
    for (above, below), goes_on in zip(
        pairwise(lines), [brackets.Left.NOTHING, *left], strict=False
    ):
        inner, outer = indent_of(below), indent_of(above)
        step = len(inner) - len(outer)
        if (
            1 < step <= _WIDEST
            and (len(outer) - base) % step == 0
            and goes_on < brackets.Left.MORE  # otherwise an aligned continuation line
            and not _NO_BLOCK.search(above)
            and reading.opens_block(above, language)
        ):
            steps[step] += "\t" not in inner + outer
    if not steps.total():
        return 0
    unit, count = steps.most_common(1)[0]
    return unit if count >= _SURE * steps.total() else 0


def style_around(place: CursorContext) -> Style:
    """The style of the lines of code around the cursor."""
    above, below = reading.before(place), reading.after(place)
    lines = (
        *_code_lines(above, place.language)[:-1][-_LINES_READ:],
        place.line_before,
        *_code_lines(below, place.language)[1:][:_LINES_READ],
    )
    return style_of(lines, place.language)


def _code_lines(text: str, language: Language) -> list[str]:
    """The lines of `text`; "" for those that begin within a string or comment."""
    scanned = brackets.scan(text, language)
    lines = zip(reading.line_starts(text), text.split("\n"), strict=True)
    return [line if scanned.aside_at(start) is None else "" for start, line in lines]


_USUAL_UNIT = 4


def reindent(line: str, said: Style, document: Style, place: CursorContext) -> str:
    indent = indent_of(line)
    rest = line[len(indent) :]
    if document.tabs:
        unit = said.unit or _USUAL_UNIT
        return indent + rest if "\t" in indent else _tabs(len(indent), unit) + rest
    if "\t" in indent:
        return indent.replace("\t", " " * (document.unit or _USUAL_UNIT)) + rest
    beyond = len(indent) - len(place.indentation)
    known = said.unit and document.unit and said.unit != document.unit
    if not known or beyond <= 0 or beyond % said.unit or len(place.indentation) % document.unit:
        return line
    return place.indentation + " " * (beyond // said.unit * document.unit) + rest


def _tabs(columns: int, unit: int) -> str:
    return "\t" * (columns // unit) + " " * (columns % unit)
