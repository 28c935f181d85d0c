"""Line diffs lead from one text to the other, and end soon whatever the lines are."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.git.line_diff import edits

lines = st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b"e", b"f"]), max_size=30)


def check(old: list[bytes], new: list[bytes]) -> int:
    """Holds that the edits make `new` of `old` and do not touch; gives the lines they change."""
    made: list[bytes] = []
    at = after = -1
    for edit in edits(old, new):
        assert edit.old[0] > at
        assert edit.new[0] > after
        made += old[max(at, 0) : edit.old[0]] + new[slice(*edit.new)]
        at, after = edit.old[1], edit.new[1]
    assert made + old[max(at, 0) :] == new
    found = edits(old, new)
    return sum(each.old[1] - each.old[0] + each.new[1] - each.new[0] for each in found)


@given(lines, lines)
def test_they_lead_from_one_to_the_other(old: list[bytes], new: list[bytes]) -> None:
    check(old, new)


@given(lines, st.sets(st.integers(0, 29), max_size=4))
def test_few_changes_are_few(old: list[bytes], gone: set[int]) -> None:
    new = [line for number, line in enumerate(old) if number not in gone]
    changed = check(old, new)
    if len(old) < 4:
        assert changed == len(old) - len(new)
    assert changed <= len(old) + len(new)


def some(count: int, kinds: int) -> list[bytes]:
    chance = random.Random(kinds + count)
    return [b"%d" % chance.randrange(kinds) for _ in range(count)]


NUMBERS = [b"%d" % number for number in range(60_000)]
PUMPED = {
    "one line over and over": ([b"x"] * 60_000, [b"x"] * 59_999 + [b"y"]),
    "two lines": ([b"ab"[n % 2 : n % 2 + 1] for n in range(60_000)], [b"b"] * 60_000),
    "few lines in any order": (some(60_000, 500), some(60_001, 500)),
    "all lines in another order": (NUMBERS, random.Random(1).sample(NUMBERS, 60_000)),
    "backwards": (NUMBERS, NUMBERS[::-1]),
    "one gap": (some(1_990, 500), some(2_000, 500)),
    "many gaps": (
        [line for n in range(30) for line in (b"u%d" % n, *some(1_999, 30))],
        [line for n in range(30) for line in (b"u%d" % n, *some(1_999, 31))],
    ),
}


@pytest.mark.parametrize("name", PUMPED)
def test_they_end_soon(name: str) -> None:
    start = time.monotonic()
    check(*PUMPED[name])
    assert time.monotonic() - start < 20
