"""Scan brackets, strings and comments of source text by one regular expression per language.

An approximation that works on fragments without a parser.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from operator import attrgetter

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.languages import Language
from devstral_lsp.languages.tokens import code_tokens

PAIRS = {")": "(", "]": "[", "}": "{"}
CLOSING = {opening: closing for closing, opening in PAIRS.items()}

_START = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Bracket:
    position: int
    character: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A string or comment; `opener` starts it. An open one extends to the end."""

    start: int
    end: int
    opener: str
    is_open: bool


class Left(IntEnum):
    """What a line leaves open, ordered from least to most."""

    NOTHING = 0
    BRACES = 1
    INSIDE_BRACES = 2
    """Several brackets, of which the innermost is a brace."""
    MORE = 3
    """A bracket other than a brace, or a string."""


@dataclass(frozen=True, slots=True)
class Scan:
    brackets: tuple[Bracket, ...]
    asides: tuple[Aside, ...]

    def aside_at(self, position: int) -> Aside | None:
        """The string or comment that contains `position`."""
        at = bisect_left(self.asides, position, key=_START) - 1
        if at < 0:
            return None
        aside = self.asides[at]
        return aside if position < aside.end or aside.is_open else None


@lru_cache(maxsize=32)
def scan(text: str, language: Language) -> Scan:
    """The brackets outside of strings and comments, and the strings and comments."""
    return _scanned(text, language)


def _scanned(text: str, language: Language) -> Scan:
    brackets, asides = [], []
    for match in code_tokens(language).finditer(text):
        found = match.group()
        if found in "()[]{}":
            brackets.append(Bracket(match.start(), found))
        else:
            asides.append(_aside(match, len(text), language))
    return Scan(tuple(brackets), tuple(asides))


def joined(draft: Draft, place: CursorContext) -> tuple[str, int]:
    """The cursor's line with the draft, and the draft's offset in that text.

    Starts with the opener of a string or comment from a line above, if the cursor is in one.
    """
    text = reading.before(place)
    aside = scan(text, place.language).aside_at(len(text))
    line = place.line_before[-reading.WINDOW :]
    from_above = aside is not None and aside.start < len(text) - len(line)
    head = (aside.opener if aside and from_above else "") + line
    return head + draft.text, len(head)


def code_below(draft: Draft, place: CursorContext) -> list[tuple[int, str]]:
    """The lines after the draft's first and their offsets, without blank lines and lines in
    strings."""
    text, offset = joined(draft, place)
    scanned = scan(text, place.language)
    lines = zip(reading.line_starts(draft.text), draft.text.split("\n"), strict=True)
    return [
        (start, line)
        for start, line in lines
        if start and line.strip() and not scanned.aside_at(offset + start)
    ]


@reading.once
def aside_at_cursor(place: CursorContext) -> Aside | None:
    """The string or comment that contains the cursor."""
    text = reading.before(place)
    return scan(text, place.language).aside_at(len(text))


def unmatched(brackets: Iterable[Bracket]) -> tuple[list[Bracket], list[Bracket]]:
    """The brackets that stay open, and the closing ones without an opener."""
    nesting = _Nesting()
    for bracket in brackets:
        nesting.take(bracket)
    return nesting.opened, nesting.unopened


def unmatched_in(text: str, language: Language) -> tuple[list[Bracket], list[Bracket]]:
    """The result of `unmatched` for a long text; only new lines are scanned.

    Each line is scanned alone; one that ends in a string or comment, with the lines below.
    """
    nesting = _Nesting()
    lines = text.split("\n")
    at = first = 0
    while first < len(lines):
        count, piece = 1, f"{lines[first]}\n"
        left, is_open = _left_by(piece, language)
        while is_open and first + count < len(lines):
            count *= 2
            piece = "\n".join([*lines[first : first + count], ""])
            left, is_open = _left_by(piece, language)
        for bracket in left:
            nesting.take(Bracket(at + bracket.position, bracket.character))
        at += len(piece)
        first += count
    return nesting.opened, nesting.unopened


@lru_cache(maxsize=4096)
def _left_by(piece: str, language: Language) -> tuple[tuple[Bracket, ...], bool]:
    """The brackets of a piece without matched pairs; and whether it ends in a string or comment."""
    left: list[Bracket] = []
    found = _scanned(piece, language)
    for bracket in found.brackets:
        if left and PAIRS.get(bracket.character) == left[-1].character:
            left.pop()
        else:
            left.append(bracket)
    return tuple(left), bool(found.asides) and found.asides[-1].is_open


def open_at_line_ends(text: str, language: Language) -> list[Left]:
    """What each line of `text` leaves open: brackets, or the string that it ends in."""
    scanned = scan(text, language)
    ends = [start - 1 for start in reading.line_starts(text)[1:]] + [len(text)]
    nesting, taken = _Nesting(), 0
    left: list[Left] = []
    for end in ends:
        while taken < len(scanned.brackets) and scanned.brackets[taken].position < end:
            nesting.take(scanned.brackets[taken])
            taken += 1
        aside = scanned.aside_at(end)
        in_string = aside is not None and aside.opener != language.line_comment
        left.append(Left.MORE if in_string else nesting.left)
    return left


class _Nesting:
    """The open brackets. A closing bracket that does not match the innermost closes all inside of
    its opener, if there is one."""

    def __init__(self) -> None:
        self.opened: list[Bracket] = []
        self.unopened: list[Bracket] = []
        self._counts = dict.fromkeys(CLOSING, 0)

    def take(self, bracket: Bracket) -> None:
        opening = PAIRS.get(bracket.character)
        if opening is None:
            self.opened.append(bracket)
            self._counts[bracket.character] += 1
        elif self._counts[opening]:
            while (closed := self.opened.pop().character) != opening:
                self._counts[closed] -= 1
            self._counts[opening] -= 1
        else:
            self.unopened.append(bracket)

    @property
    def left(self) -> Left:
        if not self.opened:
            return Left.NOTHING
        if self._counts["{"] == len(self.opened):
            return Left.BRACES
        return Left.INSIDE_BRACES if self.opened[-1].character == "{" else Left.MORE


def not_closed_below(line: list[Bracket], place: CursorContext, quote: str) -> int:
    """The number of brackets open on the cursor's line that nothing after the cursor closes.

    Within one expression, both sides count as a whole; with an open brace, only the line counts.
    `quote` is the quote of the string that contains the cursor.
    """
    if any(bracket.character == "{" for bracket in line):
        after = scan(place.line_after[: reading.WINDOW].removeprefix(quote), place.language)
        return max(0, len(line) - len(unmatched(after.brackets)[1]))
    before = scan(reading.before(place), place.language)
    above = "".join(b.character for b in unmatched(before.brackets)[0])
    after = scan(reading.after(place).removeprefix(quote), place.language)
    below = "".join(b.character for b in unmatched(after.brackets)[1])
    missing = len(above.rsplit("{", 1)[-1]) - len(below.split("}", 1)[0])
    return min(len(line), max(0, missing))


def _aside(match: re.Match[str], length: int, language: Language) -> Aside:
    found = match.group()
    opener = next((each for each in _openers(language) if found.startswith(each)), found[:1])
    closer = _closer(opener, language)
    closed = found.endswith(closer) and len(found) >= len(opener) + len(closer)
    return Aside(match.start(), match.end(), opener, not closed and match.end() == length)


def _closer(opener: str, language: Language) -> str:
    if language.block_comment and opener == language.block_comment[0]:
        return language.block_comment[1]
    return "\n" if opener == language.line_comment else {"[[": "]]"}.get(opener, opener)


@lru_cache(maxsize=64)
def _openers(language: Language) -> tuple[str, ...]:
    block = (language.block_comment[0],) if language.block_comment else ()
    line = (language.line_comment,) if language.line_comment else ()
    return (*block, *line, *language.quotes, "[[")
