from __future__ import annotations

import pytest

from tests.refactor.actions.marked import errand, titles

NAME = "optimise"
FUNCTION = "def f():\n    return│ 1\n"


def test_offered_for_functions_and_picked_lines() -> None:
    assert titles(NAME, FUNCTION) == ["Optimise `f`"]
    assert titles(NAME, "│a = 1\nb = 2│\n") == ["Optimise the selection"]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "class A:\n    x = │1\n"),
        ("python", "x = │1\n"),
        ("json", "│[1,\n2]│\n"),
        ("markdown", "│a\nb│\n"),
    ],
)
def test_not_offered_elsewhere(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


def test_results_and_errors_have_to_stay() -> None:
    asked = errand(NAME, FUNCTION)
    assert "order of results" in asked.instruction
    assert asked.adds_imports
