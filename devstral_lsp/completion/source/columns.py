"""In which columns a model means its lines, whatever columns it writes them in."""

from __future__ import annotations

import re

from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.source import source_lines
from devstral_lsp.completion.types import CursorContext
from devstral_lsp.languages import Language

ONE_LEVEL = 4
"""Columns that the body of a block at column 0 may have."""

BLANKS_ARE_CONTENT = frozenset({"yaml", "markdown", "plain"})
"""Languages in which indentation says more than how deep a block is."""

_LEFT_EDGE = re.compile(r"\s*(?:#|//|/\*|--|\w+:\s*$|(?:case|default)\b|[\]})]|</)")
"""Lines that may stand left of the code around them: preprocessor, comments, labels, cases,
closers."""


def align_first_line(text: str, place: CursorContext) -> str:
    lead = source_lines.indentation(text)
    above = source_lines.lines_above(place)[-1:]
    if not lead or not place.line_before or place.line_before.strip():
        return text
    if not text[len(lead) :].split("\n", 1)[0]:
        return text
    opened = bool(above) and source_lines.opens_block(above[0], place.language)
    if above and opened and indent_width(above[0]) >= indent_width(place.line_before):
        return text
    return text[len(lead) :]


def starts_at_zero(first: str, code: list[str], place: CursorContext) -> bool:
    """Whether the lines after the first cannot mean the columns in which they stand."""
    language = place.language
    if not code or _LEFT_EDGE.match(code[0]) or source_lines.only_closes(code[0], language):
        return False
    at, here = indent_width(code[0]), indent_width(place.indentation)
    if not source_lines.opens_block(place.line_before + first, language):
        return at == 0 and language.braces and not code[0].startswith(language.top_level_keywords)
    if not 0 < at <= min(here, ONE_LEVEL):
        return False
    if at < here or _goes_by_columns(language):
        return True
    back = next((line for line in code if indent_width(line) < at), "")
    return source_lines.starts_by_closing(back, language) and not indent_width(back)


def _goes_by_columns(language: Language) -> bool:
    """Whether a block ends by its lines' columns alone."""
    return not language.braces and not language.block_end_keywords
