"""What all actions together offer: filtered, in order, and not too much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devstral_lsp.config.refactor_settings import CustomAction, RefactorSettings
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.registry import MAX_OFFERS, actions_for, collect_offers, is_sub_kind
from devstral_lsp.refactor.types import Diagnostic
from devstral_lsp.text import Span
from tests.refactor.actions.marked import selection

FUNCTION = "def f(a):\n    b = g(│300)\n    return a\n"


@pytest.mark.parametrize(
    ("kind", "above", "expected"),
    [
        ("refactor.extract.function", "refactor", True),
        ("refactor.extract.function", "refactor.extract", True),
        ("refactor.extract", "refactor.extract.function", False),
        ("refactor.extractor", "refactor.extract", False),
        ("quickfix", "", True),
    ],
)
def test_kinds_are_a_tree(kind: str, above: str, expected: bool) -> None:
    assert is_sub_kind(kind, above) is expected


@pytest.mark.parametrize("only", ["refactor.extract.constant", "refactor.document", "source.test"])
def test_only_what_is_asked_for(only: str) -> None:
    found = collect_offers(selection(FUNCTION), only=[only])
    assert {each.kind for each in found} == {only}


def test_several_kinds_at_once() -> None:
    found = collect_offers(selection(FUNCTION), only=["refactor.extract", "source"])
    assert {each.kind.partition(".")[0] for each in found} == {"refactor", "source"}


def test_what_explains_and_documents_is_found_in_both_menus() -> None:
    """Editors hide "source" at the cursor, and show nothing else in their menu for the file."""
    names = {"document", "explain", "generate_tests", "review"}
    for only in ([], ["refactor"], ["source"]):
        assert names <= {each.action for each in collect_offers(selection(FUNCTION), only=only)}


@pytest.mark.parametrize(
    ("comment", "action"),
    [("TODO: give 2", "complete_todo"), ("devstral: give 2", "follow_comment")],
)
def test_what_a_comment_asks_for_is_a_quick_fix_and_a_source_action(
    comment: str, action: str
) -> None:
    marked = selection(f"def f(a):\n    # {comment}│\n    return a\n")
    for only in ("quickfix", "source"):
        kinds = {each.action: each.kind for each in collect_offers(marked, only=[only])}
        assert kinds[action].startswith(only)


def test_asked_by_nobody_little_is_offered() -> None:
    assert collect_offers(selection(FUNCTION, automatic=True)) == []


def test_lines_that_were_picked_invite() -> None:
    marked = "def f(a):\n│    b = a\n    c = b│\n    return c\n"
    asked = {each.action for each in collect_offers(selection(marked, automatic=True))}
    assert {"extract_function", "simplify"} <= asked


def test_what_cannot_be_done_is_told_only_if_asked_and_comes_last() -> None:
    marked = "def f(a):\n│    for x in a:\n        g(x)│\n        h(x)\n"
    found = collect_offers(selection(marked))
    assert [each.action for each in found if each.disabled] == ["extract_function"]
    assert found[-1].disabled
    assert not any(each.disabled for each in collect_offers(selection(marked, automatic=True)))


def test_a_blank_line_offers_little() -> None:
    assert [each.title for each in collect_offers(selection("x = 1\n│\ny = 2\n"))] == [
        "Review this file"
    ]
    assert collect_offers(selection("│")) == []


def test_the_preferred_comes_first() -> None:
    problem = Diagnostic(Span(14, 15), "bad")
    found = collect_offers(replace(selection(FUNCTION), diagnostics=(problem,)))
    assert [each.is_preferred for each in found][:2] == [True, False]


MARKED_PART = "def f(a):\n│    b = a + 1\n│    return b\n"


def test_an_offer_knows_what_was_selected_of_its_span() -> None:
    (extract,) = collect_offers(selection(MARKED_PART), only=("refactor.extract.function",))
    text = selection(MARKED_PART).snapshot.text
    assert text.slice(extract.span.start, extract.span.end).startswith("def f(a):")
    assert extract.selected is not None
    assert text.slice(extract.selected.start, extract.selected.end) == "    b = a + 1"


def test_what_was_selected_as_a_whole_needs_no_second_word() -> None:
    whole = selection("│def f(a):\n    return a│\n")
    assert {each.selected for each in collect_offers(whole, only=("refactor.rewrite",))} == {None}
    cursor = selection("def f(a):\n    return│ a\n")
    assert {each.selected for each in collect_offers(cursor, only=("refactor.rewrite",))} == {None}


def test_a_fix_at_several_places_is_known_to_reach_beyond_the_cursor() -> None:
    marked = selection("a = │x\n\nb = x\n")
    here, there = (Diagnostic(Span(at, at + 1), "undefined", code="E1") for at in (4, 11))
    chosen = replace(marked, diagnostics=(here,), other_diagnostics=(there,))
    found = {
        each.title.partition(":")[0]: each for each in collect_offers(chosen, only=("quickfix",))
    }
    assert found["Fix"].selected is None
    assert found["Fix all 2"].selected == Span(0, 5)


def test_a_menu_has_an_end() -> None:
    action = ACTIONS["simplify"]
    many = {str(number): action for number in range(60)}
    assert len(collect_offers(selection(FUNCTION), actions=many)) == MAX_OFFERS


def test_switched_off() -> None:
    assert set(actions_for(RefactorSettings(enabled=False))) == {"instruct"}
    left = actions_for(RefactorSettings(disabled_actions=("simplify",)))
    assert set(ACTIONS) - set(left) == {"simplify"}


@pytest.mark.parametrize("only", ["source", "source.document", "quickfix", "refactor"])
def test_an_editor_that_asks_by_itself_for_a_kind_gets_none_but_the_users_own(only: str) -> None:
    """It makes the edits unseen, as on a save, and a folder's settings may tell it to."""
    own = CustomAction(title="Mine", prompt="Sort.", kind="source.x")
    of_project = CustomAction(title="Theirs", prompt="Sort.")
    actions = actions_for(RefactorSettings(actions=(own, of_project)))
    whole = selection("│def f(a):\n    # TODO: sort it\n    return a\n│")
    asked = collect_offers(whole, only=[only], actions=actions)
    assert asked
    unasked = collect_offers(replace(whole, automatic=True), only=[only], actions=actions)
    assert [each.title for each in unasked] == (["Mine"] if only == "source" else [])
