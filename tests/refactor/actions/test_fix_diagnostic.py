from __future__ import annotations

from dataclasses import replace

import pytest

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import (
    ActionOffer,
    Diagnostic,
    DiagnosticSeverity,
    NamePolicy,
    RefactorSelection,
)
from devstral_lsp.text import Span
from tests.refactor.actions.marked import Files, selection

ACTION = ACTIONS["fix_diagnostic"]
MARKED = "x = 1\n\ndef f():\n    │return foo + bar\n"
FOO, BAR = Span(25, 28), Span(31, 34)


def offers(*problems: Diagnostic, marked: str = MARKED) -> list[ActionOffer]:
    found = replace(selection(marked), diagnostics=problems)
    return list(ACTION.offers(SelectionContext(found)))


def test_one_offer_for_each_the_worst_and_nearest_preferred() -> None:
    made = offers(
        Diagnostic(BAR, "undefined name 'bar'"),
        Diagnostic(FOO, "style", DiagnosticSeverity.WARNING),
        Diagnostic(FOO, "undefined name 'foo'"),
    )
    assert [(each.title, each.is_preferred) for each in made] == [
        ("Fix: undefined name 'foo'", True),
        ("Fix: undefined name 'bar'", False),
        ("Fix: style", False),
    ]
    assert [len(each.diagnostics) for each in made] == [1, 1, 1]


def test_the_same_twice_is_one() -> None:
    assert len(offers(Diagnostic(FOO, "a"), Diagnostic(FOO, "a"))) == 1


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("short", "Fix: short"),
        ("first line\nsecond line", "Fix: first line"),
        ("  a\t b ", "Fix: a b"),
        ("word " * 30, "Fix: " + ("word " * 12).strip()[:54] + "…"),
        ("x" * 200, "Fix: " + "x" * 59 + "…"),
    ],
)
def test_a_message_is_shortened(message: str, title: str) -> None:
    (offer,) = offers(Diagnostic(FOO, message))
    assert offer.title == title


def test_the_function_around_may_change() -> None:
    text = selection(MARKED).snapshot.text
    (offer,) = offers(Diagnostic(FOO, "a"))
    assert text.slice(offer.span.start, offer.span.end) == "def f():\n    return foo + bar"


def test_at_the_outer_level_the_paragraph_may_change() -> None:
    marked = "a = 1\n\nb = 2\nc │= 3\n\nd = 4\n"
    (offer,) = offers(Diagnostic(Span(15, 16), "a"), marked=marked)
    assert (offer.span.start, offer.span.end) == (7, 18)


def test_an_old_diagnostic_beyond_the_end_does_no_harm() -> None:
    (offer,) = offers(Diagnostic(Span(900, 950), "gone"))
    assert offer.span.end <= len(selection(MARKED).snapshot.text)


def asked(problem: Diagnostic) -> tuple[str, NamePolicy]:
    chosen: RefactorSelection = selection(MARKED)
    (offer,) = offers(problem)
    model_task = ACTION.model_task(offer, chosen.snapshot, Files())
    return model_task.instruction, model_task.names


def test_the_model_is_told_where_and_what() -> None:
    instruction, names = asked(
        Diagnostic(FOO, "bad\n  thing", DiagnosticSeverity.WARNING, source="ruff", code="E1")
    )
    assert "- line 2 of the code, `return foo + bar`: warning (ruff E1): bad thing" in instruction
    assert "no suppressing comments" in instruction
    assert names is NamePolicy.ADDED


@pytest.mark.parametrize(
    "message", ["`foo` is unused", "Undefined name `foo`", "redefinition of f", "should match ^_"]
)
def test_what_is_about_names_may_change_them(message: str) -> None:
    assert asked(Diagnostic(FOO, message))[1] is NamePolicy.CHANGED
