"""Patience diff: which lines of one text are still there in another.

Lines that occur once in either text are the anchors, lines with a word in them before brackets and
blank lines. What lies between two anchors is compared in the same way, and by `difflib` where no
line is unique. So a changed function never borrows its neighbour's closing brackets. The work is
bounded: what is left when a bound is reached counts as changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_TABLE = 1_000_000
"""Pairs of lines of one gap without an anchor that `difflib` compares; a larger gap is changed."""
_MAX_PAIRS = 4 * MAX_TABLE
"""The same for all gaps together."""
_PASSES = 6
"""How often all lines may be looked at while gaps are divided."""
_MIN_LINES = 4_000
"""Lines that may be looked at in any case."""

_WORD = re.compile(r"\w")
_Gap = tuple[int, int, int, int]
"""Lines `[0]` up to `[1]` of the old text, and `[2]` up to `[3]` of the new one."""


@dataclass(frozen=True, slots=True)
class Match:
    """`size` lines from `old` on in the one text are those from `new` on in the other."""

    old: int
    new: int
    size: int


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Lines `old[0]` up to `old[1]` became lines `new[0]` up to `new[1]`."""

    old: tuple[int, int]
    new: tuple[int, int]


def changed_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[ChangedLines]:
    """What changed, from the top down; two changes never touch."""
    i = j = 0
    for match in (*matching_blocks(old, new), Match(len(old), len(new), 0)):
        if (i, j) != (match.old, match.new):
            yield ChangedLines((i, match.old), (j, match.new))
        i, j = match.old + match.size, match.new + match.size


def matching_blocks(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """The lines that both texts have, in rising order; neighbours are joined, none is empty."""
    joined: list[Match] = []
    for at, there in matching_lines(old, new).items():
        last = joined[-1] if joined else None
        if last and (last.old + last.size, last.new + last.size) == (at, there):
            joined[-1] = Match(last.old, last.new, last.size + 1)
        else:
            joined.append(Match(at, there, 1))
    return joined


def matching_lines(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """The numbers of the lines that both texts have, in rising order: in `old` those in `new`."""
    return dict(sorted(_pairs(old, new)))


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines that stay, each by its number before and after, in any order."""
    lines_left = _PASSES * (len(old) + len(new)) + _MIN_LINES
    pairs_left = _MAX_PAIRS
    gaps: list[_Gap] = [(0, len(old), 0, len(new))]
    while gaps:
        top, end, new_top, new_end = gaps.pop()
        while top < end and new_top < new_end and old[top] == new[new_top]:
            yield top, new_top
            top, new_top = top + 1, new_top + 1
        while top < end and new_top < new_end and old[end - 1] == new[new_end - 1]:
            end, new_end = end - 1, new_end - 1
            yield end, new_end
        size, new_size = end - top, new_end - new_top
        lines_left -= size + new_size
        if not size or not new_size or lines_left < 0:
            continue
        before, after = old[top:end], new[new_top:new_end]
        anchors = [(top + at, new_top + there) for at, there in _anchors(before, after)]
        if anchors:
            yield from anchors
            gaps += _gaps_between(anchors, (top, end, new_top, new_end))
        elif size * new_size <= min(MAX_TABLE, pairs_left):
            pairs_left -= size * new_size
            for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
                yield from ((top + block.a + n, new_top + block.b + n) for n in range(block.size))


def _gaps_between(anchors: Sequence[tuple[int, int]], gap: _Gap) -> Iterator[_Gap]:
    i, end, j, new_end = gap
    for at, there in (*anchors, (end, new_end)):
        if i < at and j < there:
            yield i, at, j, there
        i, j = at + 1, there + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that occur once in both, as many as keep their order; only those with words, if any."""
    once_old, once_new = _once(old), _once(new)
    both = [(at, once_new[line]) for line, at in once_old.items() if line in once_new]
    with_words = [pair for pair in both if _WORD.search(old[pair[0]])]
    return _longest_rising(with_words or both)


def _once(lines: Sequence[str]) -> dict[str, int]:
    counts = Counter(lines)
    return {line: at for at, line in enumerate(lines) if counts[line] == 1}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of `pairs`, which are sorted by their first, whose seconds rise too."""
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for number, (_, new) in enumerate(pairs):
        pile = bisect_left(ends, new)
        before.append(tops[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [new]
        tops[pile : pile + 1] = [number]
    chosen = []
    at = tops[-1] if tops else -1
    while at >= 0:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]
