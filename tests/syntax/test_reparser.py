"""A text that is parsed from another's tree is what it is from scratch."""

from __future__ import annotations

import pytest

from devstral_lsp.syntax.reparser import Reparser
from devstral_lsp.syntax.tree import Syntax

FUNCTIONS = [f"def f{n}(a, b):\n    return a * {n} + b\n\n\n" for n in range(300)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1\n", "x = 12\n"),
        ("x = 1\n", "x = 1\ny = (\n"),
        ("", "class A:\n    pass\n"),
        ("".join(FUNCTIONS[:200]), "".join(FUNCTIONS[:200]) + "x = 1\n"),
        # What was far above has left the window, and a line has been written.
        ("".join(FUNCTIONS[:200]), "".join([*FUNCTIONS[70:150], "x = 1\n", *FUNCTIONS[150:200]])),
        ("".join(FUNCTIONS[:200]), "".join(FUNCTIONS[100:300])),
        ("".join(FUNCTIONS[100:200]), "".join(FUNCTIONS[:200])),
        ("é = 1\n" * 500, "é = 1\n" * 200 + "ü = 2\n" + "é = 1\n" * 300),
    ],
)
def test_one_text_after_another(old: str, new: str) -> None:
    parser = Reparser()
    parser.syntax_of(old, "python")
    found = parser.syntax_of(new, "python")
    anew = Syntax.of(new, "python")
    assert found is not None
    assert anew is not None
    assert found.string == new
    assert str(found.root) == str(anew.root)
    assert found.root.end_byte == len(new.encode())


def test_the_same_text_in_another_language() -> None:
    parser = Reparser()
    parser.syntax_of("class A {}", "java")
    found = parser.syntax_of("class A {}", "python")
    assert found is not None
    assert found.missing_nodes()
    assert parser.syntax_of("class A {}", "plaintext") is None


def test_what_was_parsed_before_is_remembered() -> None:
    parser = Reparser()
    first = parser.syntax_of("x = 1\n", "python")
    parser.syntax_of("x = 2\n", "python")
    assert parser.syntax_of("x = 1\n", "python") is first
