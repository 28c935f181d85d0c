"""Compares two texts line by line, in a bounded number of steps.

First lines that both have once and in the same order (as `git diff --patience` does), between them
the fewest changes (E. W. Myers, "An O(ND) Difference Algorithm", 1986). Where that would take too
long, the lines in question count as replaced.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_CHANGES = 160
"""Lines, in one gap between two common lines, up to which the fewest changes are looked for."""
_MAX_GAP = 4_000
"""Lines of such a gap."""
_PASSES = 6
"""How often all lines may be looked at while gaps are divided."""
_MAX_STEPS = 400_000
"""In all gaps together; the fewest changes take about the square of their number."""

Lines = Sequence[bytes]
_Matches = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines `old[0]` up to `old[1]` became `new[0]` up to `new[1]`."""

    old: tuple[int, int]
    new: tuple[int, int]


def edits(old: Lines, new: Lines) -> list[Edit]:
    """What changed, from the top down; two edits never touch."""
    same = _same_at_top(old, new)
    end = _same_at_end(old, new, same)
    middle = _matches(old[same : len(old) - end], new[same : len(new) - end])
    kept = [(same + a, same + b) for a, b in middle]
    found = []
    i = j = same
    for a, b in (*kept, (len(old) - end, len(new) - end)):
        if (i, j) != (a, b):
            found.append(Edit((i, a), (j, b)))
        i, j = a + 1, b + 1
    return found


def _same_at_top(old: Lines, new: Lines) -> int:
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _same_at_end(old: Lines, new: Lines, top: int) -> int:
    pairs = zip(reversed(old), reversed(new), strict=False)
    most = min(len(old), len(new)) - top
    return next((n for n, (a, b) in enumerate(pairs) if a != b or n == most), most)


def _matches(old: Lines, new: Lines) -> _Matches:
    """Lines that stay, each by its number before and after."""
    numbers: dict[bytes, int] = {}
    a = [numbers.setdefault(line, len(numbers)) for line in old]
    b = [numbers.setdefault(line, len(numbers)) for line in new]
    left = _PASSES * (len(a) + len(b)) + _MAX_GAP
    steps = _MAX_STEPS
    found: _Matches = []
    gaps = [(0, len(a), 0, len(b))]
    while gaps:
        a_top, a_end, b_top, b_end = gaps.pop()
        while a_top < a_end and b_top < b_end and a[a_top] == b[b_top]:
            found.append((a_top, b_top))
            a_top, b_top = a_top + 1, b_top + 1
        while a_top < a_end and b_top < b_end and a[a_end - 1] == b[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
            found.append((a_end, b_end))
        size = a_end - a_top + b_end - b_top
        left -= size
        if a_top == a_end or b_top == b_end or left < 0:
            continue
        before, after = a[a_top:a_end], b[b_top:b_end]
        if common := _common_once(before, after):
            gaps += _between(common, (a_top, a_end), (b_top, b_end))
            found += ((a_top + i, b_top + j) for i, j in common)
        elif size <= _MAX_GAP and steps > 0:
            fewest = _fewest(before, after)
            found += ((a_top + i, b_top + j) for i, j in fewest)
            steps -= min(size - 2 * len(fewest), MAX_CHANGES) ** 2
    return sorted(found)


def _between(
    common: _Matches, old: tuple[int, int], new: tuple[int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """The gaps before, between and after lines that stay."""
    i, j = old[0], new[0]
    ends = [(old[0] + a, new[0] + b) for a, b in common]
    for a, b in (*ends, (old[1], new[1])):
        if i < a and j < b:
            yield i, a, j, b
        i, j = a + 1, b + 1


def _common_once(a: list[int], b: list[int]) -> _Matches:
    """Lines that stand once in both: the most of them that are in the same order."""
    counts, places = Counter(a), {line: place for place, line in enumerate(b)}
    counts_after = Counter(b)
    pairs = [
        (i, places[line])
        for i, line in enumerate(a)
        if counts[line] == 1 and counts_after[line] == 1
    ]
    ends: list[int] = []
    chosen: list[int] = []  # for each length, the pair that ends such a row the earliest
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(chosen[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        chosen[length : length + 1] = [number]
    row = []
    at = chosen[-1] if chosen else -1
    while at >= 0:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]


def _fewest(a: list[int], b: list[int]) -> _Matches:
    """The lines that stay with the fewest changes; none if that are more than MAX_CHANGES."""
    reached = {1: 0}
    steps: list[dict[int, int]] = []
    for changes in range(min(MAX_CHANGES, len(a) + len(b)) + 1):
        steps.append(dict(reached))
        for diagonal in range(-changes, changes + 1, 2):
            down, right = reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -2) + 1
            is_down = diagonal == -changes or (diagonal != changes and right <= down)
            i = down if is_down else right
            while i < len(a) and i - diagonal < len(b) and a[i] == b[i - diagonal]:
                i += 1
            reached[diagonal] = i
            if i >= len(a) and i - diagonal >= len(b):
                return _traced(steps, len(a), len(b))
    return []


def _traced(steps: list[dict[int, int]], i: int, j: int) -> _Matches:
    """The lines that stay on the way to (i, j)."""
    found: _Matches = []
    for changes in range(len(steps) - 1, -1, -1):
        reached = steps[changes]
        diagonal = i - j
        down, right = reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -2) + 1
        is_down = diagonal == -changes or (diagonal != changes and right <= down)
        start = down if is_down else right
        while i > start and j > 0:
            i, j = i - 1, j - 1
            found.append((i, j))
        i, j = (start, start - diagonal - 1) if is_down else (start - 1, start - diagonal)
    return found
