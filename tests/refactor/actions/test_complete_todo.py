from __future__ import annotations

import pytest

from devstral_lsp.refactor.registry import collect_offers
from tests.refactor.actions.marked import model_task, selection, titles, touched

NAME = "complete_todo"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        ("python", "def f():\n    # TODO: sort│ them\n    g()\n", "Complete TODO: sort them"),
        ("python", "x = 1  # TODO(me) say│ why\n", "Complete TODO: say why"),
        ("javascript", "/* FIXME - wrong│ order */\nf()\n", "Complete TODO: wrong order"),
        ("go", "func f() {\n\t// TODO│\n\tg()\n}\n", "Complete TODO"),
        ("lua", "-- TODO: a│ll\n", "Complete TODO: all"),
    ],
)
def test_a_todo_at_the_cursor(language: str, marked: str, title: str) -> None:
    assert titles(NAME, marked, language) == [title]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f():\n    pass│\n"),
        ("python", "def│ f():\n    ...\n"),
        ("python", 'def f():\n    """Sort."""\n    raise NotImplementedError│\n'),
        ("python", 'def f():\n    """Sort."""│\n'),
        ("python", "def f():\n    # later\n    raise │NotImplementedError('x')\n"),
        ("rust", "fn f() -> u8 {\n    todo!()│\n}\n"),
        ("rust", 'fn f() -> u8 {\n    unimplemented!("x")│\n}\n'),
        ("javascript", "function f() {\n  throw new Error('Not implemented')│\n}\n"),
        ("typescript", "const f = () => {│\n}\n"),
        ("csharp", "class A {\n  int f() {\n    throw new NotImplementedException();│\n  }\n}\n"),
        ("java", "class A {\n  int f() {\n    throw new UnsupportedOperationException(\"a\");│\n"
                 "  }\n}\n"),
        ("go", 'func f() int {\n\tpanic("TODO")│\n}\n'),
        ("ruby", "def f\n  raise NotImplementedError│\nend\n"),
        ("php", "<?php\nfunction f() {│\n}\n"),
    ],
)  # fmt: skip
def test_a_stub(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == ["Complete `f`"]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f():\n    return│ 1\n"),
        ("python", "def f():\n    try:\n        g()\n    except E:\n        pass│\n"),
        ("python", "class A(Protocol):\n    def f(self):\n        ...│\n"),
        ("python", "class A:\n    @abstractmethod\n    def f(self):\n        pass│\n"),
        ("typescript", "class A {\n  constructor(private x: number) {│}\n}\n"),
        ("python", "todo = │1\n"),
        ("python", "def f():\n    return 'TODO: │x'\n"),
        ("markdown", "TODO: │x\n"),
        ("python", "x = 1\n│\n"),
        ("javascript", "const noop = () => {│}\n"),
    ],
)
def test_not_offered_for_what_is_meant_so(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


def test_code_that_is_missing_in_a_longer_function() -> None:
    marked = "def f(a):\n    if a:\n        return 1\n    raise NotImplementedError│\n"
    assert titles(NAME, marked) == ["Complete the missing code"]


def test_the_function_and_a_todo_above_it_may_change() -> None:
    assert (
        touched(NAME, "# TODO: sort│\ndef f(a):\n    g(a)\n") == "# TODO: sort\ndef f(a):\n    g(a)"
    )


def test_what_the_todo_says_is_asked_for() -> None:
    assert "what the TODO says: sort" in model_task(NAME, "x = 1  # TODO: sort│\n").instruction


def test_offered_without_being_asked_for() -> None:
    found = collect_offers(selection("def f():\n    pass│\n", automatic=True))
    assert [(each.action, each.kind) for each in found] == [(NAME, "quickfix")]
