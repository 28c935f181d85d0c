"""Brackets, strings and comments in a piece of source text, by one regular expression a language.

An approximation that needs no parser and works on fragments: it knows how strings and comments
start and end, and nothing else of a language.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.languages import Language

PAIRS = {")": "(", "]": "[", "}": "{"}
CLOSING = {opening: closing for closing, opening in PAIRS.items()}

_START = attrgetter("start")
_CHARACTER_LANGUAGES = frozenset({"rust", "c", "cpp", "java", "csharp", "go", "kotlin", "scala"})
_REGEX_LANGUAGES = frozenset({"javascript", "typescript", "ruby"})
_REGEX_LITERAL = r"(?<=[(=,:\[!&|?;{}])[ ]?/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/"
_CHARACTER = r"'(?:\\[^\n']{1,8}|\\'|[^'\\\n])'"


@dataclass(frozen=True, slots=True)
class Bracket:
    position: int
    character: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A string or a comment; `opener` is what it starts with. An open one reaches the end."""

    start: int
    end: int
    opener: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Scan:
    brackets: tuple[Bracket, ...]
    asides: tuple[Aside, ...]

    def aside_at(self, position: int) -> Aside | None:
        """The string or comment that `position` lies inside of."""
        at = bisect_left(self.asides, position, key=_START) - 1
        if at < 0:
            return None
        aside = self.asides[at]
        return aside if position < aside.end or aside.is_open else None


@lru_cache(maxsize=32)
def scan(text: str, language: Language) -> Scan:
    """The brackets outside of strings and comments, and those strings and comments."""
    brackets, asides = [], []
    for match in _tokens(language).finditer(text):
        found = match.group()
        if found in "()[]{}":
            brackets.append(Bracket(match.start(), found))
        else:
            asides.append(_aside(match, len(text), language))
    return Scan(tuple(brackets), tuple(asides))


def joined(draft: Draft, place: Place) -> tuple[str, int]:
    """The draft behind the start of its line, and where it begins in that text.

    Where the cursor stands in a string or comment from a line above, its opener leads.
    """
    text = reading.before(place)
    aside = scan(text, place.language).aside_at(len(text))
    line = place.line_before[-reading.WINDOW :]
    from_above = aside is not None and aside.start < len(text) - len(line)
    head = (aside.opener if aside and from_above else "") + line
    return head + draft.text, len(head)


def code_below(draft: Draft, place: Place) -> list[tuple[int, str]]:
    """The lines after the draft's first, and where they start: no blank ones, none in strings."""
    text, offset = joined(draft, place)
    scanned = scan(text, place.language)
    lines = zip(reading.line_starts(draft.text), draft.text.split("\n"), strict=True)
    return [
        (start, line)
        for start, line in lines
        if start and line.strip() and not scanned.aside_at(offset + start)
    ]


@reading.once
def aside_at_cursor(place: Place) -> Aside | None:
    """The string or comment that the cursor stands in."""
    text = reading.before(place)
    return scan(text, place.language).aside_at(len(text))


def unmatched(brackets: Iterable[Bracket]) -> tuple[list[Bracket], list[Bracket]]:
    """The brackets that stay open, and the closing ones that nothing opened."""
    opened: list[Bracket] = []
    unopened: list[Bracket] = []
    for bracket in brackets:
        opening = PAIRS.get(bracket.character)
        if opening is None:
            opened.append(bracket)
        elif opened and opened[-1].character == opening:
            opened.pop()
        elif any(each.character == opening for each in opened):
            while opened.pop().character != opening:
                pass
        else:
            unopened.append(bracket)
    return opened, unopened


def open_at_line_ends(text: str, language: Language) -> list[str]:
    """For each line of `text`, the brackets that it leaves open, and the opener of its string."""
    scanned = scan(text, language)
    ends = [start - 1 for start in reading.line_starts(text)[1:]] + [len(text)]
    left: list[str] = []
    for end in ends:
        opened = unmatched(each for each in scanned.brackets if each.position < end)[0]
        aside = scanned.aside_at(end)
        string = aside.opener if aside and aside.opener != language.line_comment else ""
        left.append("".join(each.character for each in opened) + string)
    return left


def not_closed_below(line: list[Bracket], place: Place, quote: str) -> int:
    """How many of the brackets that are open on the cursor's line nothing after the cursor closes.

    Within one expression both sides are counted whole; where a brace is open, only on the line.
    `quote` is that of the string that the cursor stands in.
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


@lru_cache(maxsize=64)
def _tokens(language: Language) -> re.Pattern[str]:
    parts = []
    if language.block_comment:
        start, end = map(re.escape, language.block_comment)
        parts.append(rf"{start}(?:(?!{end})[\s\S])*(?:{end})?")
    if language.line_comment:
        alone = r"(?<!\S)" if language.line_comment == "#" else ""
        parts.append(rf"{alone}{re.escape(language.line_comment)}[^\n]*")
    if language.name == "lua":
        parts.append(r"\[\[(?:(?!\]\])[\s\S])*(?:\]\])?")
    if language.name == "csharp":
        parts.append(r'@"(?:""|[^"])*"?')
    if language.name in _REGEX_LANGUAGES:
        parts.append(_REGEX_LITERAL)
    if language.name != "html":
        parts += [_string(quote, language) for quote in language.quotes]
    return re.compile("|".join([*parts, r"[()\[\]{}]"]))


def _string(quote: str, language: Language) -> str:
    if len(quote) == 3:
        return rf"{quote}(?:\\[\s\S]|(?!{quote})[^\\])*(?:{quote})?"
    if quote == "`":
        return r"`(?:\\[\s\S]|[^`\\])*`?"
    if quote == "'" and language.name in _CHARACTER_LANGUAGES:
        return _CHARACTER
    alone = "" if language.name == "python" else r"(?<![A-Za-z])" if quote == "'" else ""
    return rf"{alone}{quote}(?:\\.|[^{quote}\\\n])*{quote}?"
