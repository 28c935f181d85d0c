"""Questions about the syntax at a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.syntax.tree import LexicalContext, Syntax
from devstral_lsp.text import Edit, Span
from tests.context.asking import CURSOR

CODE, COMMENT, STRING = LexicalContext.CODE, LexicalContext.COMMENT, LexicalContext.STRING


def syntax_of(marked: str, language_id: str) -> tuple[Syntax, int]:
    syntax = Syntax.of(marked.replace(CURSOR, ""), language_id)
    assert syntax is not None
    return syntax, marked.index(CURSOR)


@pytest.mark.parametrize(
    ("language_id", "marked", "inside"),
    [
        ("python", "x = 1  # to│do\n", COMMENT),
        ("python", "x = 1  # todo│\n", COMMENT),
        ("python", "x = 1  │# todo\n", CODE),
        ("python", "x = 'a│b'\n", STRING),
        ("python", "x = 'ab│'\n", STRING),
        ("python", "x = 'ab'│\n", CODE),
        ("python", "x = f'a{b│}c'\n", CODE),
        ("python", 'é = "é│"\n', STRING),
        ("python", "x = │1\n", CODE),
        ("javascript", "const a = `x│y`;\n", STRING),
        ("javascript", "const a = `x${y│}`;\n", CODE),
        ("javascript", "/* a│ */ f()\n", COMMENT),
        ("javascript", "/* a */│ f()\n", CODE),
        ("go", 'var s = "a│"\n', STRING),
        ("rust", "// hm│\nfn f() {}\n", COMMENT),
        ("java", 'class A { String s = "x│"; }\n', STRING),
        ("c", "char c = 'x│';\n", STRING),
        ("lua", "-- hm│\n", COMMENT),
        ("shellscript", 'echo "a│b"\n', STRING),
    ],
)
def test_inside(language_id: str, marked: str, inside: LexicalContext) -> None:
    syntax, offset = syntax_of(marked, language_id)
    assert syntax.inside(offset) is inside


@pytest.mark.parametrize(
    ("language_id", "marked", "scope"),
    [
        ("python", "def f():\n    if a:\n        │b\n    c\n", "b"),
        ("python", "class A:\n    def f(│self): pass\n", "def f(self): pass"),
        ("javascript", "function f() { g(│) }\n", "{ g() }"),
        ("javascript", "function f() {│ g() }\n", "{ g() }"),
        ("go", "func f() { if é { │x() } }\n", "{ x() }"),
        ("rust", "fn f() { 1 │}\n", "{ 1 }"),
        ("java", "class A { void f() { │ } }\n", "{  }"),
        ("json", '{"a": [1│]}', "[1]"),
    ],
)
def test_scope(language_id: str, marked: str, scope: str) -> None:
    syntax, offset = syntax_of(marked, language_id)
    span = syntax.scope(offset)
    assert span is not None
    assert marked.replace(CURSOR, "")[span.start : span.end] == scope


@pytest.mark.parametrize("marked", ["│x = 1\n", "def f(): pass\n\n│\n", "│"])
def test_no_scope_at_the_outermost_level(marked: str) -> None:
    syntax, offset = syntax_of(marked, "python")
    assert syntax.scope(offset) is None


@pytest.mark.parametrize(
    ("marked", "completion", "as_well"),
    [
        ("print(│)\n", "a, b", True),
        ("print(│\n", "a)", True),
        ("print(│)\n", "a))", False),
        ("│\n", "[1, 2", False),
        ("x = │\n", "[1, 2", True),  # it did not parse before either
    ],
)
def test_parses_as_well(marked: str, completion: str, as_well: bool) -> None:
    syntax, offset = syntax_of(marked, "python")
    after = syntax.apply_edit(Edit(Span(offset, offset), completion))
    assert (after.missing_nodes() <= syntax.missing_nodes()) is as_well


PIECES = st.lists(
    st.sampled_from(["def f(a):\n", "    return 'é'\n", "x = (1,\n", ")\n", "# 😀\n", '"""', "\n"])
).map("".join)


@given(PIECES, st.integers(0, 60), st.integers(0, 20), PIECES)
def test_an_edit_gives_what_a_fresh_parse_gives(
    text: str, start: int, length: int, new: str
) -> None:
    start = min(start, len(text))
    edit = Edit(Span(start, min(len(text), start + length)), new)
    old = Syntax.of(text, "python")
    fresh = Syntax.of(text[: edit.span.start] + new + text[edit.span.end :], "python")
    assert old is not None
    assert fresh is not None
    faults = old.missing_nodes()
    edited = old.apply_edit(edit)
    assert edited.source == fresh.source
    for offset in range(0, len(fresh.string) + 1, 7):
        assert edited.inside(offset) is fresh.inside(offset)
    assert old.missing_nodes() == faults, "the old one stays as it is"


def test_lone_surrogates_do_not_stop_it() -> None:
    syntax = Syntax.of("x = '\ud83d'\ny = 1\n", "python")
    assert syntax is not None
    assert syntax.inside(5) is STRING
    assert syntax.inside(12) is CODE
