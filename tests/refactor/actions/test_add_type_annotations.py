from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles

NAME = "add_type_annotations"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    return│ a\n"),
        ("python", "def f(a: int):\n    return│ a\n"),
        ("python", "class A:\n    def f(self, *rest) -> int:\n        return│ 1\n"),
        ("python", "class A:\n    x│ = 1\n    def f(self, a):\n        return 1\n"),
        ("python", "│def f(a):\n    return a\ndef g(a: int) -> int:\n    return a│\n"),
        ("typescript", "function f(a): number {\n  return│ a\n}\n"),
        ("typescript", "function f(a: number) {\n  return│ a\n}\n"),
        ("typescriptreact", "const f = (a) => {\n  return│ a\n}\n"),
        ("php", "<?php\nfunction f($a): int {\n  return│ $a;\n}\n"),
    ],
)
def test_offered_where_one_is_missing(language: str, marked: str) -> None:
    assert len(titles(NAME, marked, language)) == 1


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a: int, *b: str) -> int:\n    return│ a\n"),
        ("python", "class A:\n    def f(self) -> int:\n        return│ 1\n"),
        ("python", "class A:\n    def f(cls, a: int = 1) -> int:\n        return│ 1\n"),
        ("typescript", "function f(a: number, b = 1): number {\n  return│ a\n}\n"),
        ("typescript", "class A {\n  constructor(private a: number) {\n    this│.x()\n  }\n}\n"),
        ("typescript", "class A {\n  get a() {\n    return│ 1\n  }\n}\n"),
        ("javascript", "function f(a) {\n  return│ a\n}\n"),
        ("go", "func f(a int) int {\n\treturn│ a\n}\n"),
        ("ruby", "def f(a)\n  a│\nend\n"),
        ("php", "<?php\nclass A {\n function __construct(int $a) {\n  g│($a);\n }\n}\n"),
        ("python", "x = │1\n"),
    ],
)
def test_not_offered_where_none_is_missing_or_possible(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


@pytest.mark.parametrize(("language", "words"), [("python", "PEP 484"), ("typescript", "`any`")])
def test_the_convention_is_the_language_s(language: str, words: str) -> None:
    marked = {
        "python": "def f(a):\n    return│ a\n",
        "typescript": "function f(a) {\n  return│ a\n}\n",
    }[language]
    asked = model_task(NAME, marked, language)
    assert words in asked.instruction
    assert asked.adds_imports
