from __future__ import annotations

import pytest

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.types import ActionOffer, RefactorRefused
from devstral_lsp.text import Span
from tests.refactor.actions.marked import Files, model_task, offers, selection, titles, touched

NAME = "inline"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    │name = a + 1\n    return name\n"),
        ("python", "def f(a):\n    name│: int = a + 1\n    return name\n"),
        ("javascript", "function f(a) {\n  const │name = a;\n  return name;\n}\n"),
        ("go", "func f() {\n\t│name := 1\n\tg(name)\n}\n"),
        ("rust", "fn f() {\n    let │name = 1;\n    g(name);\n}\n"),
        ("java", "class A {\n  int f() {\n    int │name = 1;\n    return name;\n  }\n}\n"),
        ("c", "int f(void) {\n  int │name = 1;\n  return name;\n}\n"),
        ("csharp", "class A {\n  int F() {\n    var │name = 1;\n    return name;\n  }\n}\n"),
        ("ruby", "def f\n  │name = 1\n  g(name)\nend\n"),
        ("lua", "function f()\n  local │name = 1\n  g(name)\nend\n"),
        ("php", "<?php\nfunction f() {\n  $│name = 1;\n  g($name);\n}\n"),
    ],
)
def test_a_variable_that_is_set_once(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == ["Inline variable `name`"]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    │name = 1\n    name += 1\n    return name\n"),
        ("python", "def f(a):\n    │name = 1\n    return a\n"),
        ("python", "│name = 1\ng(name)\n"),
        ("python", "def f(a):\n    │a, b = 1, 2\n    return a\n"),
        ("python", "def f(a):\n    x.│name = 1\n    return name\n"),
        ("python", "def f(a):\n    return│ other(a)\n"),
        ("python", "def f(a):\n    return │other(a)\n"),
        ("javascript", "function f(a) {\n  let │name = 1;\n  name++;\n  return name;\n}\n"),
    ],
)
def test_not_offered_for_others(language: str, marked: str) -> None:
    assert list(offers(NAME, marked, language)) == []


CALLS = [
    ("python", "def other(a):\n    return a * 7\n\ndef f(a):\n    return │other(a)\n"),
    ("javascript", "const other = (a) => a * 7\n\nfunction f(a) {\n  return │other(a)\n}\n"),
    ("go", "func other(a int) int {\n\treturn a * 7\n}\n\nfunc f() int {\n\treturn │other(1)\n}\n"),
    ("rust", "fn other(a: u8) -> u8 {\n    a * 7\n}\n\nfn f() -> u8 {\n    │other(1)\n}\n"),
]


@pytest.mark.parametrize(("language", "marked"), CALLS)
def test_a_call_of_what_this_file_defines(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == ["Inline call of `other`"]
    assert "a * 7" in model_task(NAME, marked, language).instruction
    assert "a * 7" not in touched(NAME, marked, language)


@pytest.mark.parametrize("argument", ["", "call", "call gone", "call a b", "variable "])
def test_what_is_not_there_is_refused(argument: str) -> None:
    offer = ActionOffer(
        action=NAME, title="", kind="refactor.inline", span=Span(0, 5), argument=argument
    )
    with pytest.raises(RefactorRefused):
        ACTIONS[NAME].model_task(offer, selection("│x = 1\n").snapshot, Files())


def test_a_long_function_is_refused() -> None:
    body = "    a += 1\n" * 80
    marked = f"def other(a):\n{body}\ndef f(a):\n    return │other(a)\n"
    with pytest.raises(RefactorRefused, match="too long"):
        model_task(NAME, marked)
