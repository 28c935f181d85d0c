"""Finds the line before which the first import of a file belongs.

A shebang, an encoding, a licence, a docstring, the package and directives stay above the imports.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.languages import Language, get_language

_DOCSTRING = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')")


def imports_insertion_line(lines: Sequence[str], language: str) -> int:
    """The line before which the first import belongs."""
    kind = get_language(language)
    at = end = 1 if lines and lines[0].startswith("#!") and not lines[0].startswith("#![") else 0
    while at < len(lines):
        after = _after_head(lines, at, kind)
        if after > at:
            at = end = after
            continue
        after = _after_comment(lines, at, kind)
        if after == at:
            break
        if after > at and _is_apart(lines, at, after):
            end = after
        at = after
    return end


def _after_head(lines: Sequence[str], at: int, kind: Language) -> int:
    """The line after what must come first and begins in line `at`; `at` if nothing does."""
    if kind.preamble is not None and kind.preamble.match(lines[at]):
        return at + 1
    quote = _DOCSTRING.match(lines[at]) if kind.has_docstrings else None
    if quote is None:
        return at
    if quote[1] in lines[at][quote.end() :]:
        return at + 1
    closing = (n for n in range(at + 1, len(lines)) if quote[1] in lines[n])
    return next(closing, at - 1) + 1 if len(quote[1]) == 3 else at


def _after_comment(lines: Sequence[str], at: int, kind: Language) -> int:
    """The line after the comment, or the empty line, that begins in line `at`; `at` if none."""
    line = lines[at].strip()
    if not line or (kind.line_comment and line.startswith(kind.line_comment)):
        return at + 1
    if kind.block_comment and line.startswith(kind.block_comment[0]):
        closing = (n for n in range(at, len(lines)) if kind.block_comment[1] in lines[n])
        return next(closing, at - 1) + 1
    return at


def _is_apart(lines: Sequence[str], at: int, after: int) -> bool:
    """Whether a comment belongs to the file: one right above a definition belongs to that."""
    return bool(lines[at].strip()) and (after >= len(lines) or not lines[after].strip())
