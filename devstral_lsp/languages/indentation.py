"""Detect the indentation of a text, and convert between tabs and spaces.

Lines that continue a block comment (` * `) are ignored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

DEFAULT_WIDTH = 4
"""Columns of a level in a text that does not show them."""

_INDENTED = re.compile(r"^([ \t]+)[^\s*]", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def detect_indent_unit(string: str) -> str:
    r"""One level of indentation in `string`: "\t", some spaces, or "" for mixed or none."""
    indents = _INDENTED.findall(string)
    kinds = {character for indent in indents for character in indent}
    if not kinds or len(kinds) > 1:
        return ""
    return "\t" if kinds == {"\t"} else " " * _width(map(len, indents))


def match_indent_style(document: str, code: str) -> str:
    """`code` with the tabs or spaces of `document`, if each uses only one of the two."""
    theirs = detect_indent_unit(code)
    if not theirs:
        return code
    ours = detect_indent_unit(document)
    if not ours or (ours == "\t") == (theirs == "\t"):
        return code
    return _INDENT.sub(lambda match: _converted(match[0], theirs, ours), code)


def indent_of(line: str) -> str:
    """The spaces and tabs that `line` begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def _converted(indent: str, theirs: str, ours: str) -> str:
    levels, rest = divmod(len(indent), len(theirs))
    return ours * levels + " " * rest


def _width(columns: Iterable[int]) -> int:
    """The most common step between the depths of consecutive lines."""
    depths = [0, *columns]
    steps = Counter(abs(one - two) for one, two in pairwise(depths) if abs(one - two) > 1)
    return steps.most_common(1)[0][0] if steps else DEFAULT_WIDTH
