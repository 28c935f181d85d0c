from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles

NAME = "inject_dependencies"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "class A:\n    def __init__(self):\n        self.x│ = Client()\n"),
        ("python", "def f():\n    return│ datetime.now()\n"),
        ("python", "class A:\n    x│ = 1\n    def f(self):\n        return requests.get('a')\n"),
        ("typescript", "class A {\n  constructor() {\n    this│.x = new Client()\n  }\n}\n"),
        ("java", "class A {\n  void f() {\n    x│ = new Client();\n  }\n}\n"),
        ("ruby", "def f\n  Client.new│\nend\n"),
        ("go", "func f() {\n\tc│ := client.NewClient()\n}\n"),
    ],
)
def test_offered_where_something_is_made_or_looked_up(language: str, marked: str) -> None:
    assert len(titles(NAME, marked, language)) == 1


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    if a│:\n        raise ValueError('no')\n    return len(a)\n"),
        ("typescript", "function f(a) {\n  if (a)│ throw new Error('no')\n  return new Map()\n}\n"),
        ("java", "class A {\n  void f() {\n    x│ = new ArrayList();\n  }\n}\n"),
        ("c", "int f(void) {\n  return│ g();\n}\n"),
    ],
)
def test_not_offered_for_values_and_errors(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


def test_callers_must_keep_working() -> None:
    asked = model_task(NAME, "def f():\n    return│ Client().get()\n")
    assert "existing callers keep working" in asked.instruction
