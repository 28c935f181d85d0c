"""What was refused stays silent, by what it does and by the edit itself."""

from __future__ import annotations

from devstral_lsp.next_edit.candidates import LearnedPattern
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.next_edit.refused import Refusals
from devstral_lsp.text import Edit, Span
from tests.next_edit.typing import URI, change, learned

OLD, NEW = ("    return size",), ("    return width",)
MADE = change("size = 1", "width = 1")
(RENAME,) = learned("rename", MADE)
OTHER = learned("rename", change("size = 1", "height = 1"))[0]


def refused(support: int = 1) -> Refusals:
    refusals = Refusals()
    edit = Edit(Span(0, 0), "")
    refusals.add(Proposal(URI, 1, edit, 1, 2, OLD, NEW, "rename", RENAME.key, support, 0.9))
    return refusals


def test_the_same_pattern_elsewhere() -> None:
    assert refused().is_refused(LearnedPattern(RENAME, (MADE,), 0), ("x(size)",), ("x(width)",))


def test_the_same_edit_by_another_pattern() -> None:
    assert refused().is_refused(LearnedPattern(OTHER, (MADE,), 0), OLD, NEW)


def test_another_pattern_and_edit() -> None:
    assert not refused().is_refused(LearnedPattern(OTHER, (MADE,), 0), OLD, ("    return height",))


def test_until_the_user_makes_the_change_again() -> None:
    assert not refused().is_refused(LearnedPattern(RENAME, (MADE, MADE), 0), OLD, NEW)
    assert refused(2).is_refused(LearnedPattern(RENAME, (MADE, MADE), 0), OLD, NEW)


def test_each_rule_is_counted() -> None:
    refusals = refused()
    assert (refusals.of_rule("rename"), refusals.of_rule("insertion")) == (1, 0)
