from __future__ import annotations

from dataclasses import replace

import pytest

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.types import NamePolicy, RefactorRefused
from tests.refactor.actions.marked import Files, model_task, offers, selection, titles, touched

NAME = "extract_function"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        ("python", "def f(a):\n│    b = a\n    c = b\n│    return c\n", "Extract function"),
        ("python", "def f(a):\n    # 1\n│    # 2\n    b = a│\n    return b\n", "Extract function"),
        ("python", "class A:\n    def f(self, a):\n│        b = a\n        c = b│\n        d(c)\n",
         "Extract method"),
        ("python", "def f(a):\n    return │a + len(a)│ + 2\n", "Extract function"),
        ("javascript", "function f(a) {\n  │const b = a;\n  g(b);│\n}\n", "Extract function"),
        ("typescript", "class A {\n f() {\n  │g();\n  h();│\n }\n}\n", "Extract method"),
        ("go", "func f() {\n\t│x := 1\n\tg(x)│\n}\n", "Extract function"),
        ("rust", "fn f() {\n    │let x = 1;\n    g(x);│\n}\n", "Extract function"),
        ("java", "class A {\n void f() {\n  │int x = 1;\n  g(x);│\n }\n}\n", "Extract method"),
        ("ruby", "def f\n  │x = 1\n  g(x)│\n  x\nend\n", "Extract function"),
        ("lua", "function f()\n  │local x = 1\n  g(x)│\nend\n", "Extract function"),
        ("shellscript", "f() {\n  │x=1\n  g $x│\n}\n", "Extract function"),
        ("c", "int f(void) {\n  │int x = 1;\n  g(x);│\n}\n", "Extract function"),
        ("csharp", "class A {\n void F() {\n  │var x = 1;\n  G(x);│\n }\n}\n", "Extract method"),
        ("php", "<?php\nfunction f() {\n  │$x = 1;\n  g($x);│\n}\n", "Extract function"),
        ("python", "│a = 1\nb = a│\n", "Extract function"),
    ],
)  # fmt: skip
def test_offered_for_whole_statements_and_expressions(
    language: str, marked: str, title: str
) -> None:
    assert titles(NAME, marked, language) == [title]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    │for x in a:│\n        g(x)\n"),
        ("python", "def f(a):\n    return a │+ len(a)│\n"),
        ("python", "def f(a):\n    g(│a + 1, 2│)\n"),
        ("javascript", "function f(a) {\n  │if (a) {\n    g();│\n  }\n}\n"),
        ("go", "func f() {\n\tx │:= 1\n\tg(x)│\n}\n"),
    ],
)
def test_a_selection_that_cuts_a_statement_is_told_why(language: str, marked: str) -> None:
    (offer,) = offers(NAME, marked, language)
    assert offer.disabled == "Select whole statements, or one whole expression."


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    return│ a\n"),
        ("python", "def f(a):\n    return │name│\n"),
        ("python", "│def f(a):\n    return a│\n"),
        ("python", "class A:\n│    def f(a):\n        return a│\n"),
        ("yaml", "│a: 1\nb: 2│\n"),
        ("zig", "│a = 1;\nb = 2;│\n"),
    ],
)
def test_not_offered_where_it_makes_no_sense(language: str, marked: str) -> None:
    assert list(offers(NAME, marked, language)) == []


def test_the_new_function_may_stand_beside_the_old_one() -> None:
    marked = "x = 1\n\ndef f(a):\n│    b = a\n    c = b│\n    return c\n\ny = 2\n"
    assert touched(NAME, marked) == "def f(a):\n    b = a\n    c = b\n    return c"
    asked = model_task(NAME, marked)
    assert "\n\nb = a\n    c = b\n\n" in asked.instruction
    assert asked.names is NamePolicy.ADDED


@pytest.mark.parametrize("argument", ["", "5-2", "0-99999", "x", "-1-3", "٣-٤"])
def test_a_part_that_cannot_be_is_refused(argument: str) -> None:
    marked = "def f(a):\n│    b = a\n    c = b│\n    return c\n"
    (offer,) = offers(NAME, marked)
    with pytest.raises(RefactorRefused):
        ACTIONS[NAME].model_task(
            replace(offer, argument=argument), selection(marked).snapshot, Files()
        )
