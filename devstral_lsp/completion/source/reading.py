"""Bounded windows around the cursor, lines, columns, and openers of blocks, for filters.

Filters look at most at WINDOW code points before and after the cursor, with "\\n" as the only line
end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from devstral_lsp.completion.request_kind import opens_block as opens_block
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.languages import Language
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.text import normalize_newlines

WINDOW = 4_000
"""Code points before and after the cursor: about 100 lines, scanned in well under 1 ms."""

TAB_COLUMNS = 8
"""Width of a tab, for files that mix tabs and spaces."""

_AT_COLUMN_0 = re.compile(r"\n(?=[A-Za-z@<])")
_CONTINUES = re.compile(
    r"(?:[\]})]+\s*)?(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|case|default|when|in)\b"
)
_CLOSES = re.compile(r"(?:[\]})]++|</[\w.-]*>|/>|>|`|\*/|\"\"\"|''')[\]})>;,:`\s]*")


_T = TypeVar("_T")


def once(of_place: Callable[[CursorContext], _T]) -> Callable[[CursorContext], _T]:
    """Cache the result for the most recent `CursorContext`, compared by identity.

    Thirty filters ask about the same one, and comparing texts would cost as much as reading them.
    """
    last: tuple[CursorContext, _T] | None = None

    def remembered(place: CursorContext) -> _T:
        nonlocal last
        if last is None or last[0] is not place:
            last = place, of_place(place)
        return last[1]

    remembered.__doc__ = of_place.__doc__
    return remembered


@once
def before(place: CursorContext) -> str:
    """The last WINDOW code points before the cursor, from an unindented line if there is one.

    A window cut from a file therefore rarely starts inside of a string or comment.
    """
    text = normalize_newlines(place.before[-WINDOW:])
    if len(place.before) <= WINDOW:
        return text
    unit = _AT_COLUMN_0.search(text)
    return text[unit.end() :] if unit else text


@once
def after(place: CursorContext) -> str:
    """The first WINDOW code points after the cursor."""
    return normalize_newlines(place.after[:WINDOW])


@once
def lines_above(place: CursorContext) -> Sequence[str]:
    """The non-blank lines above the cursor's line, the nearest last."""
    return [line for line in before(place).split("\n")[:-1] if line.strip()]


@once
def lines_below(place: CursorContext) -> Sequence[str]:
    """The non-blank lines below the cursor's line, the nearest first."""
    return [line for line in after(place).split("\n")[1:] if line.strip()]


def column(line: str) -> int:
    """The column of the first visible character of a line."""
    return len(indent_of(line).expandtabs(TAB_COLUMNS))


def only_closes(line: str, language: Language) -> bool:
    """Whether `line` only closes a block: `});`, `</div>`, `end`."""
    code = line.strip()
    return _CLOSES.fullmatch(code) is not None or code.rstrip(";,") in language.block_end_keywords


def starts_by_closing(line: str, language: Language) -> bool:
    """Whether `line` begins by closing a bracket or block: `}, [id]);`, `end.sort`."""
    code = line.strip()
    if code.startswith((")", "]", "}")):
        return True
    word = re.match(r"[a-z]+\b", code)
    return word is not None and word.group() in language.block_end_keywords


def continues_block(line: str) -> bool:
    """Whether `line` continues the statement of the block above: `else:`, `} catch {`."""
    return _CONTINUES.match(line.strip()) is not None


def is_comment(line: str, language: Language) -> bool:
    """Whether `line` is a comment as a whole."""
    return bool(language.line_comment) and line.lstrip().startswith(language.line_comment)


def shorten(draft: Draft, end: int) -> Draft | None:
    """`draft` up to `end`; None if nothing visible is left.

    A shortened draft is no longer truncated by the token limit, and covers no text.
    """
    if end >= len(draft.text):
        return draft
    kept = draft.text[:end]
    cut = replace(draft, text=kept, finish=FinishReason.STOP, replaces_after=0, goes_on=False)
    return cut if kept.strip() else None


def rewrite(draft: Draft, text: str) -> Draft | None:
    """`draft` with another text and the same finish reason; None if nothing is visible."""
    if text == draft.text:
        return draft
    return replace(draft, text=text) if text.strip() else None


def line_starts(text: str) -> list[int]:
    """The offset of each line of `text`."""
    return [0, *(match.end() for match in re.finditer("\n", text))]
