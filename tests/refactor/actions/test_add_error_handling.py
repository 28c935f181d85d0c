from __future__ import annotations

import pytest

from tests.refactor.actions.marked import errand, titles

NAME = "add_error_handling"
FUNCTION = "def f():\n    return│ 1\n"


def test_offered_for_functions_and_picked_lines() -> None:
    assert titles(NAME, FUNCTION) == ["Add error handling to `f`"]
    assert titles(NAME, "│a = 1\nb = 2│\n") == ["Add error handling to the selection"]


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


@pytest.mark.parametrize(
    ("language", "words"),
    [("python", "raise … from"), ("go", "%w"), ("rust", "`Result`"), ("java", "resources")],
)
def test_errors_are_the_language_s(language: str, words: str) -> None:
    assert words in errand(NAME, "│a = 1\nb = 2│\n", language).instruction


def test_nothing_is_known_of_a_language_without_an_entry() -> None:
    assert titles(NAME, "│a = 1\nb = 2│\n", "zig") == []
