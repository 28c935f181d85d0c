"""What is asked for at a cursor: the rest of a line, a statement, or a block.

Decided from the lines around the cursor alone; what the model's first line then says may still
turn a statement into a block (`stop.py`). Knows no grammar and no model.
"""

from __future__ import annotations

import re

from devstral_lsp.completion.types import CompletionKind, CursorContext
from devstral_lsp.languages import Language

_OPENED = re.compile(r"(?<![$=#{])\{$")
"""A block's brace; `${`, `#{` and `={` open an expression."""

_CLOSED = re.compile(r"\}[)}\]]*[;,]?[ \t]*")


_ONLY_CLOSES = re.compile(r"[)\]}\"'`|*]{1,8}[;,]?")

_IN_VALUE = re.compile(
    r"(?:[(\[,=>]|(?<![$#])\{)[ \t]*│[ \t]*(?:,|/?>|</|[)\]}](?=[ \t]*[])},.;:?!</>]))"
    r"|[={]\{[ \t]*│[ \t]*\}"
)
"""The ends of the texts around a cursor in a value within a line."""
_NEAR = 40
"""Code points on each side that are looked at for them."""


def infer_kind(place: CursorContext) -> CompletionKind:
    """Decide what to ask for.

    Text after the cursor on its line limits the answer to that line, unless it is no more than what
    an editor closes by itself.
    """
    if place.line_after.strip() and not only_closes_after(place):
        is_value = is_value_within_line(place)
        return CompletionKind.STATEMENT if is_value else CompletionKind.REST_OF_LINE
    if is_inside_empty_braces(place):
        return CompletionKind.BLOCK
    if place.line_after.strip():
        return CompletionKind.STATEMENT
    line = place.line_before
    if line.strip():
        opened = opens_block(line, place.language) and not has_body(place, indent_width(line))
        return CompletionKind.BLOCK if opened else CompletionKind.STATEMENT
    above = line_above(place.before)
    if opens_block(above, place.language) and not has_body(place, indent_width(above)):
        return CompletionKind.BLOCK
    return CompletionKind.STATEMENT


def only_closes_after(place: CursorContext) -> bool:
    """Whether the rest of the cursor's line is nothing but what an editor closes by itself, and
    what ends a statement: `)`, `"});`."""
    rest, line = place.line_after.rstrip(), place.line_before
    return _ONLY_CLOSES.fullmatch(rest) is not None and not line.endswith(("${", "#{"))


def is_value_within_line(place: CursorContext) -> bool:
    """Whether a value is missing within the cursor's line: `f(│, 1)`, `onClick={│}>Go`. It may take
    lines of its own, but ends where its brackets do."""
    around = f"{place.line_before[-_NEAR:]}│{place.line_after[:_NEAR]}"
    return _IN_VALUE.search(around) is not None and not only_closes_after(place)


def is_inside_empty_braces(place: CursorContext) -> bool:
    """Whether the cursor stands between the braces of a block that an editor has just closed."""
    return (
        place.language.braces
        and _OPENED.search(place.line_before) is not None
        and _CLOSED.fullmatch(place.line_after) is not None
    )


def opens_block(line: str, language: Language) -> bool:
    """Whether the lines below `line` stand deeper because of what `line` ends with."""
    text = line.rstrip()
    besides = language.block_opener
    if besides is not None and besides.search(text) is not None:
        return True
    if language.line_comment:
        text = _without_comment(text, language.line_comment).rstrip()
    if not text:
        return False
    if text[-1] in "{([":
        return True
    if language.block_start_token:
        return text.endswith(language.block_start_token)
    if language.block_end_keywords:
        words = text.split()
        if words[-1] in language.block_end_keywords and len(words) > 1:
            return False
        return words[-1] in ("then", "do", "else", "begin") or text.lstrip().startswith(
            ("def ", "class ", "module ", "function ", "local function ")
        )
    return False


def line_above(before: str) -> str:
    """The last line before the cursor's that is not blank, "" if there is none."""
    lines = before[: before.rfind("\n") + 1].rstrip()
    return lines[lines.rfind("\n") + 1 :]


def indent_width(line: str) -> int:
    """Columns of blanks at the line's start; a tab counts to the next multiple of 4."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def has_body(place: CursorContext, width: int) -> bool:
    """Whether the lines below the cursor's stand deeper than `width` columns: a block is there."""
    for line in place.after.split("\n", 20)[1:20]:
        if line.strip():
            return indent_width(line) > width
    return False


def _without_comment(text: str, marker: str) -> str:
    at = text.find(marker)
    if at < 0 or text.count('"', 0, at) % 2 or text.count("'", 0, at) % 2:
        return text
    return text[:at]
