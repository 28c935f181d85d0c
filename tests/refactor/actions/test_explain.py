from __future__ import annotations

import pytest

from devstral_lsp.refactor.types import ReplyKind
from tests.refactor.actions.marked import model_task, titles, touched

NAME = "explain"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        ("python", "def f():\n    return│ 1\n", "Explain `f`"),
        ("python", "│a = 1\nb = 2│\n", "Explain the selection"),
        ("yaml", "a: 1\nb: │2\n", "Explain this"),
    ],
)
def test_offered_for_anything(language: str, marked: str, title: str) -> None:
    assert titles(NAME, marked, language) == [title]


def test_not_offered_on_a_blank_line() -> None:
    assert titles(NAME, "a = 1\n│\nb = 2\n") == []


def test_the_paragraph_where_there_is_no_function() -> None:
    assert touched(NAME, "a: 1\n\nb: 2\nc: │3\n\nd: 4\n", "yaml") == "b: 2\nc: 3"


def test_prose_is_asked_for() -> None:
    asked = model_task(NAME, "def f():\n    return│ 1\n")
    assert asked.answer is ReplyKind.MARKDOWN
    assert "Explain this Python" in asked.instruction
