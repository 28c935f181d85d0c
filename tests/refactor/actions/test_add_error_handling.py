from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles

NAME = "add_error_handling"


@pytest.mark.parametrize(
    ("language", "words"),
    [("python", "raise … from"), ("go", "%w"), ("rust", "`Result`"), ("java", "resources")],
)
def test_errors_are_the_language_s(language: str, words: str) -> None:
    assert words in model_task(NAME, "│a = 1\nb = 2│\n", language).instruction


def test_nothing_is_known_of_a_language_without_an_entry() -> None:
    assert titles(NAME, "│a = 1\nb = 2│\n", "zig") == []
