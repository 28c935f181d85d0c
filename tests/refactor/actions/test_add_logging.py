from __future__ import annotations

import pytest

from tests.refactor.actions.marked import errand, titles

NAME = "add_logging"
FUNCTION = "def f():\n    return│ 1\n"


def test_offered_for_functions_and_picked_lines() -> None:
    assert titles(NAME, FUNCTION) == ["Add logging to `f`"]
    assert titles(NAME, "│a = 1\nb = 2│\n") == ["Add logging to the selection"]


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
    [("python", "getLogger(__name__)"), ("go", "log/slog"), ("java", "SLF4J")],
)
def test_the_logger_is_the_language_s(language: str, words: str) -> None:
    asked = errand(NAME, "│a = 1\nb = 2│\n", language)
    assert words in asked.instruction
    assert "Never log passwords" in asked.instruction
