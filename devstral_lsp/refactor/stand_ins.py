"""Which lines of a reply stand for others: a comment, dots, or a string, however it is worded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.code_lines import CodeLine, Gap, is_quoted

_DOTS = r"(?:\.{3,}+|…)"
_LONE_DOTS = re.compile(rf"[\[({{<]?\s*{_DOTS}(?:[^\w\n]|{_DOTS})*+")
_INLINE = re.compile(rf"(?:\{{|:|=>)\s*+(?:{_DOTS}|/\*[^*\n]*+\*/)\s*+\}}?[;,]?\Z")
"""The end of a line whose body is left out."""

_PLAIN_WORD = r"[^\s\[\](){}<>=;:,.\"+*/\\|&$#@%!^~-]++"
_FRAMED = re.compile(
    rf"(?P<top>[\[({{<]+|{_DOTS} ?|(?P<marker>(?:#++|//++|--|;++|%++|/\*|<!--) |[-=*~]{{3,}}+ ?))"
    rf"(?P<words>{_PLAIN_WORD}(?:[ ,:-]{{1,3}}{_PLAIN_WORD})*+) ?"
    r"(?P<end>[^\w\s:;,\"'][^\w\n]{0,8})?"
)
"""Words alone, in brackets or after dots, or after a marker of comments in some language."""
MIN_FOREIGN = 0.5
"""Share of words that stand nowhere else from which on a line is prose; all in round brackets."""


def without_phrases(
    old: Sequence[CodeLine], new: Sequence[CodeLine], language: str
) -> list[CodeLine]:
    """The lines of a reply; those are comments that are words which no code is about.

    A frame that the original has around words of its own, such as `[section]`, is code.
    """
    in_use = Counter(word for each in (*old, *new) for word in each.words)
    frames = {"", *map(_frame_of, old)}
    return [
        replace(each, code="")
        if _frame_of(each) not in frames and _is_phrase(each, in_use, language)
        else each
        for each in new
    ]


def _frame_of(line: CodeLine) -> str:
    """The sign before words that are alone in a line, "" where there is more.

    A blank follows it where there are several words.
    """
    found = _FRAMED.fullmatch(line.code)
    return found["top"][0] + " " * (" " in found["words"]) if found else ""


def _is_phrase(line: CodeLine, in_use: Mapping[str, int], language: str) -> bool:
    """Whether a line of a reply is a few words that no code is about, where it has code.

    `in_use` counts the lines of both texts that have each word.
    """
    found = _FRAMED.fullmatch(line.code)
    if found is None or (found["marker"] and not prompt_facts_of(language).is_code):
        return False
    if found["top"][0] in "[({<" and not found["marker"] and not found["end"]:
        return False
    words = re.findall(r"\w+", found["words"])
    foreign = sum(in_use[each] <= 1 for each in words)
    return foreign >= len(words) * (1 if found["top"][0] == "(" else MIN_FOREIGN)


def is_stand_in(gap: Gap, at: int, new_lines: Sequence[str]) -> bool:
    """Whether the new line at `at` of the gap stands for code; `new_lines` are the whole reply."""
    line = gap.come[at]
    if is_inline(line) or (line.has_comment and line.code and not line.says_something):
        return bool(gap.missing)
    if line.code and not is_placeholder(line):
        return False
    if _is_dotted_comment(line):
        return True
    return bool(gap.missing) and _stands_alone(line, gap, at, new_lines)


def is_inline(line: CodeLine) -> bool:
    """Whether the body of what the line opens is left out at its end."""
    return _INLINE.search(line.text) is not None


def is_placeholder(line: CodeLine) -> bool:
    """Whether the line has dots or a string alone."""
    return is_quoted(line) or _LONE_DOTS.fullmatch(line.text) is not None


def _stands_alone(line: CodeLine, gap: Gap, at: int, new_lines: Sequence[str]) -> bool:
    """Whether nothing right below is what a comment may be about."""
    if not gap.code:
        return True
    below = gap.come[at + 1] if at + 1 < len(gap.come) else None
    if below is None or below.columns < line.columns:
        return True
    return any(not each.strip() for each in new_lines[line.number + 1 : below.number])


def _is_dotted_comment(line: CodeLine) -> bool:
    """Whether a comment begins with dots: it then stands for something, if only for nothing."""
    return not line.code and re.match(rf"\W{{0,8}}?(?<!\.){_DOTS}", line.text) is not None
