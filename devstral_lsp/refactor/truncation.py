"""Whether new code looks like a reply that was cut off, or in which a body was left out.

Compares lines of code: the end of the old code is gone, and no line with the same words replaces
it. Unreachable code may go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from devstral_lsp.edits.patience_diff import matching_lines
from devstral_lsp.languages import get_language
from devstral_lsp.languages.indentation import indent_of

_MIN_TAIL = 0.2
"""Share of the lines of code that may not be missing at the end."""
_MIN_BODY_LINES, _MIN_LEFT, _MIN_WORDS_LEFT = 8, 0.2, 4
"""Lines from which on code may not shrink to less than this share, unless what replaces it has so
many words of what is gone."""
_MIN_GONE, _MIN_GONE_SHARE = 5, 0.4
"""Lines, and their share of all, that may not go without a replacement."""
_MIN_ALIKE = 0.7
"""difflib's ratio of a line and what has become of it."""
_MIN_SHARED = 0.2
"""Share of the words that are gone which come back in what replaces them."""
_FILLER = re.compile(r"(?:pass|\}? ?else ?[:{]?|return(?: None)?;?|break;?|continue;?)")
"""Lines that may go without a loss."""
_TRIES = re.compile(r"^(?:[}\s]*)try\s*[:{]")
_HANDLES = re.compile(r"\b(?:catch|except|finally|@catch)\b")
_CONTINUES = ("{", "(", "[", ",", "=", "+", "&&", "||", "\\")
"""Ends of lines that the next line continues."""
_RETURNS = re.compile(r"^return\s+(?!None\b)[^;\s]")
_GIVES = re.compile(r"=>(?!\s*\{)|\byield\b|\blambda\b")
"""Other ways to return a value."""
_LEAVES = re.compile(r"(?:return|raise|throw|break|continue|goto|panic|exit|die)\b")


@dataclass(frozen=True, slots=True)
class _CodeLine:
    """A line without its indentation, and how many columns that has."""

    text: str
    depth: int


def looks_truncated(old: str, new: str, language: str) -> bool:
    """Whether `new` lacks the end of `old`, or nearly all of it."""
    before, after = _code_lines(old, language), _code_lines(new, language)
    if not before:
        return False
    returns_last = get_language(language).returns_last_expression
    return (
        (not returns_last and _lacks_return(before, after))
        or _lacks_end(before, after)
        or (_has_bare_try(after) and not _has_bare_try(before))  # some grammars let that pass
        or _lacks_much(before, after)
    )


def is_missing_end(old: str, new: str, language: str) -> bool:
    """Whether any line is missing at the end of `new`: for replies that do not say where it is."""
    before, after = _code_lines(old, language), _code_lines(new, language)
    return bool(before) and _lacks_end(before, after, share=0)


def _lacks_much(old: Sequence[_CodeLine], new: Sequence[_CodeLine]) -> bool:
    """Whether a stub is left, or many lines are gone from anywhere, for something else."""
    kept = matching_lines(_texts(old), _texts(new))
    kept_new = frozenset(kept.values())
    gone = [line for at, line in enumerate(old) if at not in kept]
    come = [line for at, line in enumerate(new) if at not in kept_new]
    is_stub = len(old) >= _MIN_BODY_LINES and len(new) < _MIN_LEFT * len(old)
    if is_stub and len(_words(gone) & _words(come)) < _MIN_WORDS_LEFT:
        return True
    return len(gone) >= max(_MIN_GONE, _MIN_GONE_SHARE * len(old)) and not _replaces(come, gone)


def _lacks_return(old: Sequence[_CodeLine], new: Sequence[_CodeLine]) -> bool:
    """Whether the value that was returned last is not returned any more."""
    if not _RETURNS.match(old[-1].text) or (new and _LEAVES.match(new[-1].text)):
        return False
    fewer_returns = _count(_RETURNS, new) < _count(_RETURNS, old)
    return fewer_returns and _count(_GIVES, new) <= _count(_GIVES, old)


def _lacks_end(
    old: Sequence[_CodeLine], new: Sequence[_CodeLine], share: float = _MIN_TAIL
) -> bool:
    kept = matching_lines(_texts(old), _texts(new))
    if not kept:
        return False
    last, new_last = max(kept.items())
    gone, come = old[last + 1 :], new[new_last + 1 :]
    missing = sum(not _FILLER.fullmatch(line.text) for line in gone[len(come) :])
    every = sum(not _FILLER.fullmatch(line.text) for line in old)
    if not missing or missing < share * every or _is_unreachable(gone, old[last]):
        return False
    is_begun = all(
        mine.text.startswith(line.text)
        or SequenceMatcher(None, line.text, mine.text).ratio() >= _MIN_ALIKE
        for line, mine in zip(come, gone, strict=False)
    )
    return is_begun or not _replaces(come, gone)


def _has_bare_try(lines: Sequence[_CodeLine]) -> bool:
    return _count(_TRIES, lines) > _count(_HANDLES, lines)


def _count(pattern: re.Pattern[str], lines: Sequence[_CodeLine]) -> int:
    """Lines that hold the pattern."""
    return sum(bool(pattern.search(line.text)) for line in lines)


def _is_unreachable(gone: Sequence[_CodeLine], last: _CodeLine) -> bool:
    """Whether what is gone stood after a `return` of its own block, the `last` line before it."""
    leaves = _LEAVES.match(last.text) and not last.text.endswith(_CONTINUES)
    return bool(leaves) and all(line.depth >= last.depth for line in gone)


def _replaces(come: Sequence[_CodeLine], gone: Sequence[_CodeLine]) -> bool:
    """Whether new lines share enough words with those that are gone."""
    words = _words(gone)
    return len(_words(come) & words) >= _MIN_SHARED * len(words)


def _words(lines: Sequence[_CodeLine]) -> set[str]:
    return {word for line in lines for word in re.findall(r"\w+", line.text)}


def _texts(lines: Sequence[_CodeLine]) -> list[str]:
    return [line.text for line in lines]


def _code_lines(text: str, language: str) -> list[_CodeLine]:
    """The lines that are more than a comment or a bracket."""
    marker = get_language(language).line_comment or "\0"
    return [
        _CodeLine(line.strip(), len(indent_of(line).expandtabs()))
        for line in text.split("\n")
        if re.search(r"\w", line) and not line.strip().startswith((marker, "/*", "*"))
    ]
