"""Find the columns that a model intends for its lines, whatever it writes."""

from __future__ import annotations

import re

from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.indent_style import style_around
from devstral_lsp.completion.types import CursorContext
from devstral_lsp.languages import Language
from devstral_lsp.languages.indentation import indent_of

ONE_LEVEL = 4
"""Maximum columns of a body at column 0."""

BLANKS_ARE_CONTENT = frozenset({"yaml", "markdown", "plain"})
"""Languages in which indentation is more than the depth of blocks."""

_TWO_COLUMNS = frozenset({"javascript", "typescript", "css", "html", "ruby", "lua", "json"})
"""Languages whose formatters indent by two; others by four, and Go by a tab."""

_NOT_INDENTED = re.compile(
    r"\s*(?:export\s+|inline\s+)*(?:namespace|module|package|extern|switch)\b"
)
"""Openers of blocks whose lines may start at column 0."""

_LEFT_EDGE = re.compile(r"\s*(?:#|//|/\*|--|\w+:\s*$|(?:case|default)\b|[\]})]|</)")
"""Lines that may be left of the code around them: preprocessor, comments, labels, cases, closers.
"""


def align_first_line(text: str, place: CursorContext) -> str:
    lead = indent_of(text)
    above = reading.lines_above(place)[-1:]
    if not lead or not place.line_before or place.line_before.strip():
        return text
    if not text[len(lead) :].split("\n", 1)[0]:
        return text
    opened = bool(above) and reading.opens_block(above[0], place.language)
    if above and opened and indent_width(above[0]) >= indent_width(place.line_before):
        return text
    return text[len(lead) :]


def inner_indentation(text: str, place: CursorContext) -> str:
    """The indentation missing from a body that begins at column 0, on the empty line after its
    opener; "" if none is missing."""
    language = place.language
    if place.line_before or place.line_after.strip() or not text[:1].strip():
        return ""
    if language.name in BLANKS_ARE_CONTENT or not (language.braces or language.block_start_token):
        return ""
    opener = place.before[:-1].rsplit("\n", 1)[-1]
    if not reading.opens_block(opener, language) or _NOT_INDENTED.match(opener):
        return ""
    if _LEFT_EDGE.match(text) or brackets.aside_at_cursor(place):
        return ""
    style = style_around(place)
    unit = style.unit or (2 if language.name in _TWO_COLUMNS else ONE_LEVEL)
    level = "\t" if style.tabs or language.name == "go" else " " * unit
    return indent_of(opener) + level


def indented(text: str, inner: str, place: CursorContext) -> str:
    """`text` with its lines indented by `inner`, up to one that closes a bracket from above."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        above = brackets.scan("\n".join(lines[: i + 1]), place.language)
        if brackets.unmatched(above.brackets)[1]:
            break
        lines[i] = inner + line if line.strip() else line
    return "\n".join(lines)


def starts_at_zero(first: str, code: list[str], place: CursorContext) -> bool:
    """Whether the lines after the first are written as if the cursor were at column 0."""
    language = place.language
    if language.name in BLANKS_ARE_CONTENT and code and code[0].lstrip().startswith("- "):
        return False  # a list at its key's own column
    if not code or _LEFT_EDGE.match(code[0]) or reading.only_closes(code[0], language):
        return False
    at, here = indent_width(code[0]), indent_width(place.indentation)
    if not reading.opens_block(place.line_before + first, language):
        return at == 0 and language.braces and not code[0].startswith(language.top_level_keywords)
    if not 0 < at <= min(here, ONE_LEVEL):
        return False
    if at < here or _goes_by_columns(language):
        return True
    back = next((line for line in code if indent_width(line) < at), "")
    branches = reading.continues_block(code[0])  # in the column of their opener, as `when`
    if branches and any(indent_width(e) == at and reading.only_closes(e, language) for e in code):
        return False
    return reading.starts_by_closing(back, language) and not indent_width(back)


def _goes_by_columns(language: Language) -> bool:
    """Whether only columns mark the end of a block."""
    return not language.braces and not language.block_end_keywords
