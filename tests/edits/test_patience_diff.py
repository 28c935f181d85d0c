"""A line diff is true, in order, anchored at what says something, and ends soon."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.edits.patience_diff import Match, changed_lines, matching_blocks


def kept(old: str, new: str) -> str:
    """The letters of `old` that are still there."""
    return "".join(old[each.old : each.old + each.size] for each in matching_blocks(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("abc", "abc", "abc"),
        ("", "abc", ""),
        ("abc", "xyz", ""),
        ("abc", "axc", "ac"),
        ("abcdef", "abxdef", "abdef"),
        ("aXbXc", "aXXc", "aXXc"),
        ("a}b}c}", "a}new}b}c}", "a}b}c}"),
        ("abcde", "adcbe", "ade"),
    ],
)
def test_what_stays(old: str, new: str, expected: str) -> None:
    assert len(kept(old, new)) == len(expected)
    assert matching_blocks(list(old), list(new)) == matching_blocks(old, new)


def test_what_says_something_is_an_anchor_before_brackets() -> None:
    old = ["f {", "one", "}", "", "g {", "two", "]", "end"]
    new = ["g {", "two", "}", "", "f {", "one", "]", "end"]
    assert [old[each.old] for each in matching_blocks(old, new)][:1] in (["f {"], ["g {"])


def test_neighbours_are_joined() -> None:
    assert matching_blocks("abcd", "abcd") == [Match(0, 0, 4)]
    assert matching_blocks("abxcd", "abycd") == [Match(0, 0, 2), Match(3, 3, 2)]


def test_much_that_has_no_anchor_is_new() -> None:
    old, new = ["a", "b"] * 800, ["b", "a", "c"] * 700
    found = matching_blocks(old, new)
    assert sum(each.size for each in found) < 5


@settings(max_examples=200, deadline=None)
@given(st.text("ab}c\n", max_size=30), st.text("ab}c\n", max_size=30))
def test_matches_are_in_order_and_true(old: str, new: str) -> None:
    i = j = 0
    for each in matching_blocks(old, new):
        assert each.size
        assert (each.old, each.new) >= (i, j)
        assert each.new >= j
        assert old[each.old : each.old + each.size] == new[each.new : each.new + each.size]
        i, j = each.old + each.size, each.new + each.size
    assert i <= len(old)
    assert j <= len(new)


lines = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=30)


def check(old: list[str], new: list[str]) -> int:
    """Holds that the hunks make `new` of `old` and do not touch; gives the lines they change."""
    made: list[str] = []
    at = after = -1
    found = list(changed_lines(old, new))
    for hunk in found:
        assert hunk.old[0] > at
        assert hunk.new[0] > after
        made += old[max(at, 0) : hunk.old[0]] + new[slice(*hunk.new)]
        at, after = hunk.old[1], hunk.new[1]
    assert made + old[max(at, 0) :] == new
    return sum(each.old[1] - each.old[0] + each.new[1] - each.new[0] for each in found)


@given(lines, lines)
def test_hunks_lead_from_one_to_the_other(old: list[str], new: list[str]) -> None:
    check(old, new)


@given(lines, st.sets(st.integers(0, 29), max_size=4))
def test_few_changes_are_few(old: list[str], gone: set[int]) -> None:
    new = [line for number, line in enumerate(old) if number not in gone]
    changed = check(old, new)
    if len(old) < 4:
        assert changed == len(old) - len(new)
    assert changed <= len(old) + len(new)


def some(count: int, kinds: int) -> list[str]:
    chance = random.Random(kinds + count)
    return [str(chance.randrange(kinds)) for _ in range(count)]


NUMBERS = [str(number) for number in range(60_000)]
PUMPED = {
    "one line over and over": (["x"] * 60_000, ["x"] * 59_999 + ["y"]),
    "two lines": (["ab"[n % 2] for n in range(60_000)], ["b"] * 60_000),
    "few lines in any order": (some(60_000, 500), some(60_001, 500)),
    "all lines in another order": (NUMBERS, random.Random(1).sample(NUMBERS, 60_000)),
    "backwards": (NUMBERS, NUMBERS[::-1]),
    "one gap": (some(990, 50), some(1_000, 50)),
    "two lines in one gap": (some(990, 2), some(1_000, 2)),
    "many gaps": (
        [line for n in range(30) for line in (f"u{n}", *some(999, 30))],
        [line for n in range(30) for line in (f"u{n}", *some(999, 31))],
    ),
}


@pytest.mark.parametrize("name", PUMPED)
def test_they_end_soon(name: str) -> None:
    start = time.monotonic()
    check(*PUMPED[name])
    assert time.monotonic() - start < 20
