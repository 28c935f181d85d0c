from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles, touched

NAME = "make_async"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f():\n    return│ 1\n"),
        ("python", "class A:\n    @cached\n    def f(self):\n        return│ 1\n"),
        ("javascript", "function f() {\n  return│ 1\n}\n"),
        ("typescript", "const f = () => {\n  return│ 1\n}\n"),
        ("rust", "fn f() -> u8 {\n    │1\n}\n"),
        ("csharp", "class A {\n  int F() {\n    return│ 1;\n  }\n}\n"),
    ],
)
def test_offered_for_a_function(language: str, marked: str) -> None:
    (title,) = titles(NAME, marked, language)
    assert title.lower() == "make `f` async"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "async def f():\n    return│ 1\n"),
        ("python", "class A:\n    def __len__(self):\n        return│ 1\n"),
        ("python", "class A:\n    x = │1\n"),
        ("javascript", "class A {\n  constructor() {\n    this│.x = 1\n  }\n}\n"),
        ("javascript", "class A {\n  get x() {\n    return│ 1\n  }\n}\n"),
        ("java", "class A {\n  int f() {\n    return│ 1;\n  }\n}\n"),
        ("csharp", "class A {\n  A() {\n    x│ = 1;\n  }\n}\n"),
        ("go", "func f() int {\n\treturn│ 1\n}\n"),
        ("python", "def f():\n│    a = 1\n    b = 2│\n    c = 3\n"),
    ],
)
def test_not_offered_where_it_is_or_cannot_be(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


def test_decorators_belong_to_the_function() -> None:
    assert touched(NAME, "x = 1\n@deco\ndef f():\n    return│ 1\n").startswith("@deco\n")


def test_python_is_told_of_to_thread() -> None:
    assert "asyncio.to_thread" in model_task(NAME, "def f():\n    return│ 1\n").instruction
