"""Some models indent everything one level too deep."""

from __future__ import annotations

import re

from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.columns import BLANKS_ARE_CONTENT
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.languages.indentation import indent_of

_BEGINS = re.compile(r"[\w@#$\"'/]")
_ENDS = re.compile(r"[\w;)}\]'\"`>/]$")


def shift_left(draft: Draft, place: CursorContext) -> Draft | None:
    """Remove the first line's surplus indentation from all lines that share it.

    They share it where the first line opens a block that stands deeper than the surplus explains,
    or where nothing around the cursor is indented at all.

    Before (go): `for {⏎→│⏎}` + `→if done {⏎→→→return⏎→→}`
    After:  `if done {⏎→→return⏎→}`

    Before (javascript): `start();⏎│⏎stop();` + `  wait();⏎  run();`
    After:  `wait();⏎run();`
    """
    lead = indent_of(draft.text)
    first = draft.text[len(lead) :].split("\n", 1)[0]
    if not lead or not first or place.line_before.strip():
        return draft
    width = indent_width(place.line_before + lead)
    below = brackets.code_below(draft, place)
    if place.line_before:
        opens = reading.opens_block(first, place.language)
        if not opens or not below or indent_width(below[0][1]) <= width:
            return draft
    elif not _at_the_edge(first, place):
        return draft
    text = draft.text
    for start, line in reversed(below):
        if line.startswith(lead) and indent_width(line) >= width:
            text = text[:start] + text[start + len(lead) :]
    return reading.rewrite(draft, text[len(lead) :])


def _at_the_edge(first: str, place: CursorContext) -> bool:
    """Whether `first` must be a new unit at column 0, since no line around is indented."""
    language = place.language
    if language.name in BLANKS_ARE_CONTENT or not (language.braces or language.block_start_token):
        return False
    above, below = reading.lines_above(place)[-1:], reading.lines_below(place)[:1]
    if any(indent_of(line) for line in (*above, *below)) or not _BEGINS.match(first):
        return False
    if any(reading.opens_block(line, language) or not _ENDS.search(line) for line in above):
        return False
    scanned = brackets.scan(reading.before(place), language)
    return not brackets.unmatched(scanned.brackets)[0] and not brackets.aside_at_cursor(place)
