"""Whether new code looks like a reply that was cut off, or in which a body was left out.

By lines: the end of the old code is gone and nothing that speaks of the same things came for it.
Code that cannot be reached may go. Knows strings only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.indentation import indent_of
from devstral_lsp.refactor.patience_diff import matching_blocks

_TAIL_SHARE = 0.2
"""Of the lines of code; so many may not be missing at the end."""
_BODY_LINES, _LEFT_SHARE, _WORDS_LEFT = 8, 0.2, 4
"""From how many lines on code may not shrink to less than this share, unless what came instead
still has so many words of what is gone."""
_MUCH, _MUCH_SHARE = 5, 0.4
"""Lines, and their share of all, that may not go with nothing in their place."""
_ALIKE = 0.7
"""difflib's ratio of a line and what has become of it."""
_SHARED = 0.2
"""Of the words that are gone, so many come back in what replaces them."""
_FILLER = re.compile(r"(?:pass|\}? ?else ?[:{]?|return(?: None)?;?|break;?|continue;?)")
"""Lines that may go without anybody missing them."""
_TRIES = re.compile(r"^(?:[}\s]*)try\s*[:{]")
_HANDLES = re.compile(r"\b(?:catch|except|finally|@catch)\b")
_OPEN = ("{", "(", "[", ",", "=", "+", "&&", "||", "\\")
"""Ends of lines that go on."""
_RETURNS = re.compile(r"return\s+(?!None\b)[^;\s]")
_GIVES = re.compile(r"=>(?!\s*\{)|\byield\b|\blambda\b")
"""Other ways to give a value back."""
_LEAVES = re.compile(r"(?:return|raise|throw|break|continue|goto|panic|exit|die)\b")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of code: its text, and how deep it stands."""

    text: str
    depth: int


def looks_truncated(old: str, new: str, language: str) -> bool:
    """Whether `new` lacks the end of `old`, or nearly all of it."""
    before, after = _code_lines(old, language), _code_lines(new, language)
    if not before:
        return False
    if not get_language(language).returns_last_expression and _lacks_return(before, after):
        return True
    rules = (_lacks_end, _lacks_handler, _is_shrunk, _lacks_much)
    return any(rule(before, after) for rule in rules)


def is_missing_end(old: str, new: str, language: str) -> bool:
    """Whether any line is missing at the end of `new`: for replies that do not say where it is."""
    before, after = _code_lines(old, language), _code_lines(new, language)
    return bool(before) and _lacks_end(before, after, share=0)


def _is_shrunk(old: Sequence[_Line], new: Sequence[_Line]) -> bool:
    """Little is left, and it says little of what was there: a stub."""
    if len(old) < _BODY_LINES or len(new) >= _LEFT_SHARE * len(old):
        return False
    gone, come = _changes(old, new)
    return len(_words(gone) & _words(come)) < _WORDS_LEFT


def _lacks_much(old: Sequence[_Line], new: Sequence[_Line]) -> bool:
    """Lines are gone from anywhere, and what came for them is about something else."""
    gone, come = _changes(old, new)
    return len(gone) >= max(_MUCH, _MUCH_SHARE * len(old)) and not _speaks_of(come, gone)


def _lacks_return(old: Sequence[_Line], new: Sequence[_Line]) -> bool:
    """The value that was returned last is not returned any more."""
    if not _RETURNS.match(old[-1].text) or (new and _LEAVES.match(new[-1].text)):
        return False
    before, after = (sum(bool(_RETURNS.match(each.text)) for each in x) for x in (old, new))
    given_before, given_after = (
        sum(bool(_GIVES.search(each.text)) for each in x) for x in (old, new)
    )
    return after < before and given_after <= given_before


def _lacks_end(old: Sequence[_Line], new: Sequence[_Line], share: float = _TAIL_SHARE) -> bool:
    found = matching_blocks([line.text for line in old], [line.text for line in new])
    if not found:
        return False
    at = found[-1].old + found[-1].size
    gone, come = old[at:], new[found[-1].new + found[-1].size :]
    missing = [line for line in gone[len(come) :] if not _FILLER.fullmatch(line.text)]
    all_ = [line for line in old if not _FILLER.fullmatch(line.text)]
    if not missing or len(missing) < share * len(all_) or _is_out_of_reach(old[at - 1], gone):
        return False
    return _begins(come, gone) or not _speaks_of(come, gone)


def _lacks_handler(old: Sequence[_Line], new: Sequence[_Line]) -> bool:
    """A `try` has lost what catches: some grammars let that pass."""
    return _has_bare_try(new) and not _has_bare_try(old)


def _has_bare_try(lines: Sequence[_Line]) -> bool:
    tries, handlers = (
        sum(bool(each.search(line.text)) for line in lines) for each in (_TRIES, _HANDLES)
    )
    return tries > handlers


def _is_out_of_reach(last: _Line, gone: Sequence[_Line]) -> bool:
    """Whether what is gone stood behind a `return` of its own block."""
    leaves = _LEAVES.match(last.text) and not last.text.endswith(_OPEN)
    return bool(leaves) and all(line.depth >= last.depth for line in gone)


def _begins(new: Sequence[_Line], old: Sequence[_Line]) -> bool:
    """Whether the new lines are much like the first of the old, the last of them cut or not."""
    return all(
        mine.text.startswith(line.text)
        or SequenceMatcher(None, line.text, mine.text).ratio() >= _ALIKE
        for line, mine in zip(new, old, strict=False)
    )


def _speaks_of(new: Sequence[_Line], old: Sequence[_Line]) -> bool:
    """Whether new lines have something to do with the old ones."""
    words = _words(old)
    return len(_words(new) & words) >= _SHARED * len(words)


def _words(lines: Sequence[_Line]) -> set[str]:
    return {word for line in lines for word in re.findall(r"\w+", line.text)}


def _changes(old: Sequence[_Line], new: Sequence[_Line]) -> tuple[list[_Line], list[_Line]]:
    """The lines that are gone, and those that came."""
    found = matching_blocks([line.text for line in old], [line.text for line in new])
    kept_old = {each.old + step for each in found for step in range(each.size)}
    kept_new = {each.new + step for each in found for step in range(each.size)}
    gone = [line for at, line in enumerate(old) if at not in kept_old]
    return gone, [line for at, line in enumerate(new) if at not in kept_new]


def _code_lines(text: str, language: str) -> list[_Line]:
    """The lines that are more than a comment or a bracket."""
    marker = get_language(language).line_comment or "\0"
    return [
        _Line(line.strip(), len(indent_of(line).expandtabs()))
        for line in text.split("\n")
        if re.search(r"\w", line) and not line.strip().startswith((marker, "/*", "*"))
    ]
