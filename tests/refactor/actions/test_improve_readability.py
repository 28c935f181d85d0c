from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles, touched

NAME = "improve_readability"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        ("python", "def f():\n    x│ = 1\n", "Improve readability of `f`"),
        ("go", "func f() {\n\t│x := 1\n\ty := 2│\n}\n", "Improve readability of the selection"),
        ("cpp", "struct A {\n  int x; │\n};\n", "Improve readability of `A`"),
        ("markdown", "│Some words.\nAnd more.│\n", "Improve readability of the selection"),
        ("yaml", "│a: 1\nb: 2\n│", "Improve readability of the selection"),
    ],
)
def test_offered_for_functions_classes_and_lines(language: str, marked: str, title: str) -> None:
    assert titles(NAME, marked, language) == [title]


@pytest.mark.parametrize(
    "marked", ["x = │1\n", "\n│\n", "def f():\n    a = 1\n│\n    b = 2\n", "│"]
)
def test_not_offered_where_nothing_is_meant(marked: str) -> None:
    assert titles(NAME, marked) == []


def test_a_word_that_is_selected_means_its_function() -> None:
    assert touched(NAME, "x = 1\ndef f():\n    │value│ = 1\n") == "def f():\n    value = 1"


def test_half_a_loop_is_widened_to_the_whole() -> None:
    marked = "def f():\n    a()\n│    for x in y:│\n        g(x)\n    b()\n"
    assert touched(NAME, marked) == "    for x in y:\n        g(x)"


@pytest.mark.parametrize(
    ("language", "words"),
    [("python", "Python code"), ("markdown", "do not add facts"), ("json", "Keep its meaning")],
)
def test_what_is_asked_depends_on_the_language(language: str, words: str) -> None:
    assert words in model_task(NAME, "│a = [1,\n2]│\n", language).instruction
