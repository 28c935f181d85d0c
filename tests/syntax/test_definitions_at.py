"""What is found around a place, from a window of the document, is what stands there."""

from __future__ import annotations

import argparse
import ast
import inspect
import random
import textwrap

import pytest

from devstral_lsp.syntax.definitions_at import (
    MAX_LINES_WITHIN,
    EnclosingDefinition,
    SyntaxWindow,
    UnitKind,
)
from devstral_lsp.syntax.parse_window import MAX_LINES_AROUND
from devstral_lsp.text import Span, Text

NESTED = [
    ("python", "class A:\n    @deco\n    def f(self):\n        é = │4\n", "function f, class A"),
    ("python", "def f():\n    def g():\n        a│()\n", "function g, function f"),
    ("javascript", "export class A {\n  f() {\n    a│()\n  }\n}\n", "function f, class A"),
    ("typescript", "export const f = async () => {\n  a│()\n}\n", "function f"),
    ("tsx", "", ""),
    ("go", "func (t *T) F() {\n\ta│()\n}\n", "function F"),
    ("go", "type T struct {\n\ta│ int\n}\n", "class T"),
    ("rust", "impl<T> A<T> for B<T> {\n  fn f() {\n    a│()\n  }\n}\n", "function f, class B"),
    ("java", "class A {\n  A() {\n    a│();\n  }\n}\n", "function A, class A"),
    ("c", "static int *f(void)\n{\n  a│();\n}\n", "function f"),
    ("cpp", "template <class T>\nint A::f() {\n  a│();\n}\n", "function f"),
    ("csharp", "namespace N {\n class A {\n  void F() {\n   a│();\n  }\n }\n}\n",
     "function F, class A"),
    ("ruby", "class A\n  def f\n    a│\n  end\nend\n", "function f, class A"),
    ("php", "<?php\nclass A {\n  function f() {\n    a│();\n  }\n}\n", "function f, class A"),
    ("lua", "local function f()\n  a│()\nend\n", "function f"),
    ("shellscript", "f() {\n  a│\n}\n", "function f"),
    ("python", "a = │1\n", ""),
]  # fmt: skip


def at(marked: str, language: str) -> tuple[SyntaxWindow, Span]:
    head, tail = marked.split("│")
    window = SyntaxWindow.around(Text.of(head + tail), Span(len(head), len(head)), language)
    assert window is not None
    return window, Span(len(head), len(head))


def said(units: tuple[EnclosingDefinition, ...]) -> str:
    return ", ".join(f"{unit.kind.value} {unit.name}" for unit in units)


@pytest.mark.parametrize(("language", "marked", "expected"), [each for each in NESTED if each[1]])
def test_units_from_the_inside_out(language: str, marked: str, expected: str) -> None:
    window, span = at(marked, language)
    assert said(window.units(span)) == expected


def test_a_unit_begins_with_its_decorators_and_has_a_header() -> None:
    window, span = at("x = 'é'\nclass A:\n    @deco\n    def f(self):\n        a│()\n", "python")
    unit = window.units(span)[0]
    assert unit.header == "@deco\n    def f(self):\n        "
    assert (unit.is_member, unit.span.start) == (True, 21)
    assert unit.body == Span(52, 55)


@pytest.mark.parametrize(
    ("language", "indented"),
    [
        ("python", "    def f{}(self):\n        a()\n"),
        ("java", "  int f{}() {{\n    a();\n  }}\n"),
        ("typescript", "  f{}() {{\n    a()\n  }}\n"),
        ("rust", "    fn f{}(&self) {{\n        a()\n    }}\n"),
        ("csharp", "  int F{}() {{\n    a();\n  }}\n"),
        ("ruby", "  def f{}\n    a\n  end\n"),
        ("php", "  function f{}() {{\n    a();\n  }}\n"),
    ],
)
def test_in_the_middle_of_a_long_class_the_method_is_found_and_the_class_is_not(
    language: str, indented: str
) -> None:
    heads = {"python": "class A:\n", "rust": "impl A {\n", "ruby": "class A\n"}
    head = heads.get(language, "<?php\nclass A {\n" if language == "php" else "class A {\n")
    text = Text.of(head + "".join(indented.format(number) for number in range(800)))
    start = str(text).index(indented.format(400))
    inside = start + len(indented.format(400).split("\n")[0]) + 6
    window = SyntaxWindow.around(text, Span(inside, inside), language)
    assert window is not None
    assert said(window.units(Span(inside, inside))).lower() == "function f400"


@pytest.mark.parametrize(
    "body",
    [
        '    """About it.\n\nUsage: f\n    """\n',
        "#    old()\n",
        "    a = 'x'\n\n\n#    old()\n##  older()\n",
    ],
)
def test_lines_at_the_margin_need_not_end_a_function(body: str) -> None:
    source = f"def e():\n    a()\n\ndef f():\n{body}    b│()\n\ndef g():\n    a()\n"
    window, span = at(source, "python")
    (unit,) = window.units(span)
    text = Text.of(source.replace("│", ""))
    assert text.slice(unit.span.start, unit.span.end) == f"def f():\n{body}    b()"


def test_a_function_that_reaches_out_of_the_window_is_no_unit_rather_than_half_of_one() -> None:
    body = "    a()\n" * (MAX_LINES_AROUND + 100)
    window, span = at(f"def f():\n    b│()\n{body}\ndef g():\n    pass\n", "python")
    assert window.units(span) == ()


def test_too_many_lines_or_too_long_ones_are_not_parsed() -> None:
    text = Text.of("a = 1\n" * (MAX_LINES_WITHIN + 10))
    assert SyntaxWindow.around(text, Span(0, len(text)), "python") is None
    assert SyntaxWindow.around(Text.of("a = 1; " * 100_000), Span(5, 5), "python") is None
    assert SyntaxWindow.around(Text.of("a"), Span(0, 0), "plaintext") is None


def test_functions_in_a_real_file_are_those_that_its_own_parser_finds() -> None:
    source = inspect.getsource(argparse)
    text = Text.of(source)
    spans = [
        (node.name, min(each.lineno for each in (node, *node.decorator_list)) - 1, node.end_lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    ]
    rng = random.Random(7)
    for line in rng.sample(range(text.line_count - 1), 150):
        around = [each for each in spans if each[1] <= line < (each[2] or 0)]
        if not around or not text.line(line).strip():
            continue
        name, first, last = max(around, key=lambda each: each[1])
        offset = text.line_end(line) - 1
        window = SyntaxWindow.around(text, Span(offset, offset), "python")
        assert window is not None
        found = window.units(Span(offset, offset))[0]
        lines = (text.line_of(found.span.start), text.line_of(found.span.end) + 1)
        assert (found.kind, found.name, *lines) == (UnitKind.FUNCTION, name, first, last)


def test_members_of_a_class_and_of_the_outer_level() -> None:
    window, span = at("class│ A:\n    def f(self):\n        a()\n\ndef g():\n    a()\n", "python")
    (unit,) = window.units(span)
    assert said(window.members(unit)) == "function f"
    assert said(window.top_level_definitions())[:7] == "class A"


@pytest.mark.parametrize(
    ("selected", "whole"),
    [
        ("a()", True),
        ("a()\n    b = [\n        1,\n    ]", True),
        ("b = [", False),
        ("for x in y:", False),
        ("for x in y:\n        c()", True),
        ("c()\n    d", False),
        ("1,\n    ]", False),
    ],
)
def test_whole_statements(selected: str, whole: bool) -> None:
    source = textwrap.dedent(
        """\
        def f():
            a()
            b = [
                1,
            ]
            for x in y:
                c()
            d()
        """
    )
    start = source.index(selected)
    span = Span(start, start + len(selected))
    window = SyntaxWindow.around(Text.of(source), span, "python")
    assert window is not None
    assert window.is_whole(span) is whole
    wide = window.widened(span)
    assert window.is_whole(wide)
    assert (wide == span) is whole


def test_what_does_not_parse_counts_as_whole() -> None:
    window, _ = at("def f(:\n  ) = = 3│\n", "python")
    assert window.is_whole(Span(4, 9))
