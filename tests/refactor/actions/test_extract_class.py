from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, offers, titles, touched

NAME = "extract_class"
METHODS = "".join(f"    def f{number}(self):\n        return {number}\n" for number in range(6))


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "class A:\n    x = 1\n│    def f(self):\n        return 1│\n    y = 2\n"),
        ("python", "│def f(a):\n    return a\n\ndef g(a):\n    return a│\n"),
        ("python", f"class│ A:\n{METHODS}"),
        ("typescript", "class A {\n│  f() {\n    return 1\n  }│\n  g() {\n    return 1\n  }\n}\n"),
        ("java", "class A {\n│  int f() {\n    return 1;\n  }│\n}\n"),
    ],
)
def test_offered_for_methods_and_large_classes(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == ["Extract class"]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "│def f(a):\n    return a│\n"),
        ("python", "class│ A:\n    def f(self):\n        return 1\n"),
        ("python", f"class A:\n{METHODS}".replace("return 3", "return│ 3")),
        ("python", "│a = 1\nb = 2│\n"),
        ("go", "│func f() {\n}\n\nfunc g() {\n}│\n"),
    ],
)
def test_not_offered_for_less(language: str, marked: str) -> None:
    assert list(offers(NAME, marked, language)) == []


def test_the_whole_class_may_change_and_the_part_is_told() -> None:
    marked = "class A:\n    x = 1\n│    def f(self):\n        return 1│\n    y = 2\n"
    assert touched(NAME, marked).startswith("class A:\n")
    assert "def f(self):\n        return 1\n\n" in model_task(NAME, marked).instruction
    assert "has least to do" in model_task(NAME, f"class│ A:\n{METHODS}").instruction
