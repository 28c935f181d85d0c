"""Where a cursor stands, by syntax: in code or beside it, and at what kind of place.

A grammar says what it can of the code around the cursor. Half-written code often has no tree there,
and some languages no grammar: then a scan for strings, comments and brackets has the say.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from devstral_lsp.completion.request_kind import infer_kind, only_closes_after
from devstral_lsp.completion.source import brackets, parsing, reading
from devstral_lsp.completion.types import CompletionKind, CursorContext
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.syntax.tree import LexicalContext, Syntax

_OPENS = "([{.=,:"
"""After these, what comes next is the question."""

_UNIT = re.compile(
    r"^[ \t]*(?:(?:async|export|pub|public|private|protected|static)[ ]+)*"
    r"(?:def|class|func|function|fn|impl|interface|struct|enum)\b",
    re.MULTILINE,
)
"""A line that begins a function or a type, at any depth."""

_BLOCKS_BY_COLON = "python"

_ONE_LINE_QUOTES = ('"', "'")


class PositionKind(Enum):
    """A kind of place. The values are words for people."""

    LINE_START = "line start"
    OPENED = "bracket"
    """After an opening bracket, a dot, or what wants a right side."""
    BETWEEN = "operator"
    """After a blank, or what closes something."""
    WORD_END = "word"
    INSIDE_WORD = "inside of a word"
    COMMENT = "comment"
    STRING = "string"


_BESIDE_CODE = {
    LexicalContext.COMMENT: PositionKind.COMMENT,
    LexicalContext.STRING: PositionKind.STRING,
}


def position_kind(place: CursorContext) -> PositionKind:
    """The kind of place that the cursor stands at. Parses some eighty lines: about half a ms."""
    beside = _BESIDE_CODE.get(lexical_context(place))
    if beside is not None:
        return beside
    line = place.line_before
    if not line.strip():
        return PositionKind.LINE_START
    if line[-1] in _OPENS:
        return PositionKind.OPENED
    if not _is_of_word(line[-1]):
        return PositionKind.BETWEEN
    return PositionKind.INSIDE_WORD if _is_of_word(place.after[:1]) else PositionKind.WORD_END


def lexical_context(place: CursorContext) -> LexicalContext:
    """Whether the cursor stands in code, in a comment or in a string."""
    return inside_text(window_above(place), reading.after(place)[: parsing.NEAR], place.language_id)


def window_above(place: CursorContext) -> str:
    """What stands above the cursor, from where no string is likely to be open."""
    above = parsing.window_above(reading.before(place))
    begins_outermost = place.before[: -len(above)][-1:] in ("", "\n") and not above[:1].isspace()
    unit = None if begins_outermost else _UNIT.search(above)
    return above[unit.start() :] if unit else above


@lru_cache(maxsize=32)
def inside_text(above: str, below: str, language_id: str) -> LexicalContext:
    """The same between two texts. Remembered: several stages ask about one place."""
    syntax = parsing.syntax_of(above + below, language_id)
    if syntax is not None:
        found = syntax.inside(len(above))
        if found is not LexicalContext.CODE or not syntax.errors():
            return found
    # A string that is not closed yet is an error to a parser, and no string.
    place = CursorContext(before=above, after=below, language_id=language_id)
    aside = brackets.aside_at_cursor(place)
    if aside is None:
        return LexicalContext.CODE
    comments = (place.language.line_comment, *(place.language.block_comment or ())[:1])
    return LexicalContext.COMMENT if aside.opener in comments else LexicalContext.STRING


def infer_kind_with_syntax(place: CursorContext) -> CompletionKind:
    """What to ask for: what the lines say (`infer_kind`), where syntax does not say otherwise.

    No block begins in a string or a comment, nor after a colon within brackets; and a string on
    one line goes no further than that line.
    """
    kind = infer_kind(place)
    quoted = any(quote in place.line_before for quote in place.language.quotes)
    if kind is CompletionKind.REST_OF_LINE or (kind is CompletionKind.STATEMENT and not quoted):
        return kind
    if lexical_context(place) is LexicalContext.CODE:
        return (
            CompletionKind.STATEMENT
            if kind is CompletionKind.BLOCK and _is_colon_within(place)
            else kind
        )
    aside = brackets.aside_at_cursor(place)
    one_line = aside is not None and aside.opener in _ONE_LINE_QUOTES
    if one_line and place.line_after.strip("\"' \t;,"):
        one_line = not only_closes_after(place)  # what the line opened before the string is open
    return CompletionKind.REST_OF_LINE if one_line else CompletionKind.STATEMENT


def _is_colon_within(place: CursorContext) -> bool:
    """Whether the colon that seems to open a block is one of a dictionary, a slice, a lambda.

    Tried out: with a statement below it, there is a block for it to stand in, or none.
    """
    if place.language.name != _BLOCKS_BY_COLON:
        return False
    above = window_above(place).rstrip()
    if not above.endswith(":"):
        return False
    opener = above[above.rfind("\n") + 1 :]
    tried = f"{above}\n{indent_of(opener)}        pass\n"
    syntax = Syntax.of(tried, place.language_id)
    scope = syntax.scope(len(tried) - 2) if syntax is not None else None
    if syntax is None or (scope is not None and scope.start >= len(above)):
        return False
    return bool(_open_in_statement(above, place))


def _open_in_statement(above: str, place: CursorContext) -> list[brackets.Bracket]:
    """The brackets that are open behind `above`, as far as its last paragraph tells."""
    paragraph = above[above.rfind("\n\n") + 1 :]
    return brackets.unmatched(brackets.scan(paragraph, place.language).brackets)[0]


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
