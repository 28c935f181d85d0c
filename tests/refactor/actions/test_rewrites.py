"""Where an action is offered that rewrites a function, or lines that were picked."""

from __future__ import annotations

import pytest

from tests.refactor.actions.marked import titles

FUNCTION = "def f():\n    return│ 1\n"
TITLES = {
    "add_error_handling": "Add error handling to {}",
    "add_logging": "Add logging to {}",
    "optimise": "Optimise {}",
}


@pytest.mark.parametrize(("name", "title"), TITLES.items())
def test_offered_for_functions_and_picked_lines(name: str, title: str) -> None:
    assert titles(name, FUNCTION) == [title.format("`f`")]
    assert titles(name, "│a = 1\nb = 2│\n") == [title.format("the selection")]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "class A:\n    x = │1\n"),
        ("python", "x = │1\n"),
        ("json", "│[1,\n2]│\n"),
        ("markdown", "│a\nb│\n"),
    ],
)
@pytest.mark.parametrize("name", TITLES)
def test_not_offered_elsewhere(name: str, language: str, marked: str) -> None:
    assert titles(name, marked, language) == []
