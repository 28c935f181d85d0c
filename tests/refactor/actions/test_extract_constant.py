from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, offers, titles, touched

NAME = "extract_constant"


@pytest.mark.parametrize(
    ("language", "marked", "literal"),
    [
        ("python", "def f(a):\n    return a * │86400\n", "86400"),
        ("python", "def f(a):\n    return a * 86400│\n", "86400"),
        ("python", "def f(a):\n    return g(│'né-ver'│)\n", "'né-ver'"),
        ("python", "def f(a, n=│20):\n    return a\n", "20"),
        ("javascript", "function f(a) {\n  return a + │'px-unit';\n}\n", "'px-unit'"),
        ("go", "func f() int {\n\treturn g(│300)\n}\n", "300"),
        ("rust", "fn f() -> u32 {\n    g(│300)\n}\n", "300"),
        ("java", "class A {\n  int f() {\n    return g(│300);\n  }\n}\n", "300"),
        ("c", "int f(void) {\n  return g(│0x1F);\n}\n", "0x1F"),
        ("csharp", "class A {\n  int F() {\n    return G(│300);\n  }\n}\n", "300"),
        ("ruby", "def f\n  g(│300)\nend\n", "300"),
        ("php", "<?php\nfunction f() {\n  return g(│300);\n}\n", "300"),
        ("python", "print(│300)\n", "300"),
    ],
)
def test_offered_at_a_literal(language: str, marked: str, literal: str) -> None:
    assert titles(NAME, marked, language) == ["Extract constant"]
    assert f"`{literal}`" in model_task(NAME, marked, language).instruction


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "def f(a):\n    return a * │1\n"),
        ("python", "def f(a):\n    '''About│ it.'''\n    return a\n"),
        ("python", "LIMIT = │300\n"),
        ("python", "def f(a):\n    return│ a * 300\n"),
        ("javascript", "import a from '│./other'\n"),
        ("rust", "const A: u32 = │300;\n"),
        ("go", "const a = │300\n"),
        ("java", "class A {\n  static final int X = │300;\n}\n"),
        ("typescript", "class A {\n  static x = │300\n}\n"),
        ("python", "def f(a):\n    return f'│every {a}'\n"),
        ("ruby", 'def f\n  "every│ #{a}"\nend\n'),
        ("php", '<?php\nfunction f($a) {\n  return "every│ $a";\n}\n'),
        ("json", '{"a": │300}\n'),
    ],
)
def test_not_offered_for_what_has_a_name_or_needs_none(language: str, marked: str) -> None:
    assert list(offers(NAME, marked, language)) == []


def test_it_may_go_before_the_outermost_definition_and_its_comments() -> None:
    marked = "x = 1\n\n# about A\nclass A:\n    def f(self):\n        return g(│300)\n\ny = 2\n"
    assert touched(NAME, marked).startswith("# about A\nclass A:")


def test_in_a_long_class_it_goes_before_the_method() -> None:
    filler = "    x = 1\n" * 290
    marked = f"class A:\n{filler}    def f(self):\n        return g(│300)\n{filler}"
    assert touched(NAME, marked).startswith("    def f(self):")
