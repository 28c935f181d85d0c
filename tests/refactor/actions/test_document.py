from __future__ import annotations

import pytest

from tests.refactor.actions.marked import model_task, titles, touched

NAME = "document"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        ("python", "def f():\n    return│ 1\n", "Document `f`"),
        ("python", 'def f():\n    """One."""\n    return│ 1\n', "Update documentation of `f`"),
        ("python", "class│ A:\n    x = 1\n", "Document `A`"),
        ("go", "// F is one.\nfunc F() int {\n\treturn│ 1\n}\n", "Update documentation of `F`"),
        ("rust", "/// One.\n#[inline]\nfn f() {\n    │1\n}\n", "Update documentation of `f`"),
        ("rust", "#[inline]\nfn f() -> u8 {\n    │1\n}\n", "Document `f`"),
        ("typescript", "/**\n * One.\n */\nexport function f() {\n  return│ 1\n}\n",
         "Update documentation of `f`"),
        ("java", "class A {\n  // one\n  int f() {\n    return│ 1;\n  }\n}\n",
         "Update documentation of `f`"),
        ("ruby", "def f\n  1│\nend\n", "Document `f`"),
        ("python", "│def f():\n    a()\n\ndef g():\n    b()│\n", "Document the selection"),
    ],
)  # fmt: skip
def test_offered_for_definitions(language: str, marked: str, title: str) -> None:
    assert titles(NAME, marked, language) == [title]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "│a = 1\nb = 2│\n"),
        ("python", "a = │1\n"),
        ("json", "│[1,\n2]│\n"),
        ("makefile", "│a:\n\tb│\n"),
    ],
)
def test_not_offered_elsewhere(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


def test_comments_and_attributes_above_may_change() -> None:
    marked = "int x;\n\n/** One.\n * Two. */\n@Override\nint f() {\n  return│ 1;\n}\n"
    assert touched(NAME, marked, "java").startswith("/** One.")


def test_a_cursor_in_the_comment_above_means_what_is_below() -> None:
    assert titles(NAME, "// F is│ one.\nfunc F() int {\n\treturn 1\n}\n", "go") == [
        "Update documentation of `F`"
    ]


@pytest.mark.parametrize(
    ("language", "marked", "words"),
    [
        ("python", "def f():\n    return│ 1\n", "PEP 257"),
        ("go", "func F() int {\n\treturn│ 1\n}\n", "begin with the declared name"),
        ("rust", "fn f() -> u8 {\n    │1\n}\n", "# Panics"),
        ("java", "class A {\n  int f() {\n    return│ 1;\n  }\n}\n", "Javadoc"),
        ("csharp", "class A {\n  int F() {\n    return│ 1;\n  }\n}\n", "<summary>"),
    ],
)
def test_the_convention_is_the_language_s(language: str, marked: str, words: str) -> None:
    assert words in model_task(NAME, marked, language).instruction
