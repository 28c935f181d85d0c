"""Models answer as if their text began at column 0, or indent the first line a second time."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.kind import indent_width
from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.languages import Language

ONE_LEVEL = 4
"""Columns that the body of a block at column 0 may have."""

_LEFT_EDGE = re.compile(r"\s*(?:#|//|/\*|--|\w+:\s*$|(?:case|default)\b|[\]})]|</)")
"""Lines that may stand left of the code around them: preprocessor, comments, labels, cases,
closers."""


def align_to_cursor(draft: Draft, place: Place) -> Draft | None:
    """Let the draft go on where the cursor's line is indented.

    Before: `    if ready:⏎        │` + `        run()⏎        stop()`
    After:  `run()⏎        stop()`

    Before: `        │` + `if ready:⏎    run()⏎stop()`
    After:  `if ready:⏎            run()⏎        stop()`
    """
    aligned = reading.rewrite(draft, align_first_line(draft.text, place))
    if aligned is None or not place.indentation:
        return aligned
    text, below = aligned.text, brackets.code_below(aligned, place)
    if not _starts_at_zero(text.split("\n", 1)[0], [line for _, line in below], place):
        return aligned
    for start, _ in reversed(below):
        text = text[:start] + place.indentation + text[start:]
    return reading.rewrite(aligned, text)


def align_first_line(text: str, place: Place) -> str:
    lead = reading.indentation(text)
    above = reading.lines_above(place)[-1:]
    if not lead or not place.line_before or place.line_before.strip():
        return text
    if not text[len(lead) :].split("\n", 1)[0]:
        return text
    opened = bool(above) and reading.opens_block(above[0], place.language)
    if above and opened and indent_width(above[0]) >= indent_width(place.line_before):
        return text
    return text[len(lead) :]


def _starts_at_zero(first: str, code: list[str], place: Place) -> bool:
    """Whether the lines after the first cannot mean the columns in which they stand."""
    language = place.language
    if not code or _LEFT_EDGE.match(code[0]) or reading.only_closes(code[0], language):
        return False
    at, here = indent_width(code[0]), indent_width(place.indentation)
    if not reading.opens_block(place.line_before + first, language):
        return at == 0 and language.braces and not code[0].startswith(language.declarations)
    if not 0 < at <= min(here, ONE_LEVEL):
        return False
    if at < here or _goes_by_columns(language):
        return True
    back = next((line for line in code if indent_width(line) < at), "")
    return reading.starts_by_closing(back, language) and not indent_width(back)


def _goes_by_columns(language: Language) -> bool:
    """Whether a block ends by its lines' columns alone."""
    return not language.braces and not language.closers
