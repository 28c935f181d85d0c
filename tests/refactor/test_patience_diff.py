from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.refactor.patience_diff import Match, matching_blocks


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
