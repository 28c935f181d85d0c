"""What syntax says of a cursor, also where the code is half-written."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.cursor_position import (
    PositionKind,
    infer_kind_with_syntax,
    lexical_context,
    position_kind,
)
from devstral_lsp.completion.types import CompletionKind, CursorContext
from devstral_lsp.syntax.tree import LexicalContext

LINE, STATEMENT, BLOCK = CompletionKind.REST_OF_LINE, CompletionKind.STATEMENT, CompletionKind.BLOCK


@pytest.mark.parametrize(
    ("marked", "language", "spot"),
    [
        ("│", "python", PositionKind.LINE_START),
        ("def f():\n    │\n", "python", PositionKind.LINE_START),
        ("foo(│)", "python", PositionKind.OPENED),
        ("foo.│", "python", PositionKind.OPENED),
        ("x =│", "go", PositionKind.OPENED),
        ("return │", "python", PositionKind.BETWEEN),
        ("foo()│", "python", PositionKind.BETWEEN),
        ("retu│", "python", PositionKind.WORD_END),
        ("retu│(x)", "python", PositionKind.WORD_END),
        ("re│turn", "python", PositionKind.INSIDE_WORD),
        ("x = 1  # a│", "python", PositionKind.COMMENT),
        ("/* a│", "c", PositionKind.COMMENT),
        ('f("a│', "javascript", PositionKind.STRING),
        ('f("a│")\n', "go", PositionKind.STRING),
        ("some words│", "plaintext", PositionKind.WORD_END),
    ],
)
def test_spot(marked: str, language: str, spot: PositionKind) -> None:
    assert position_kind(CursorContext.from_marked(marked, language)) is spot


@pytest.mark.parametrize(
    ("marked", "language", "expected"),
    [
        ('def f():\n    """Doc\n    a│\n    """\n    return 1\n', "python", LexicalContext.STRING),
        ('def f():\n    """Doc\n    a│', "python", LexicalContext.STRING),
        ('x = f"a{b│}"\n', "python", LexicalContext.CODE),
        ("x = `a${b│}`;\n", "javascript", LexicalContext.CODE),
        ("# it's\nx│\n", "python", LexicalContext.CODE),
        ("-- it's\nlocal x│\n", "haskell", LexicalContext.CODE),
        ("x = '│", "haskell", LexicalContext.STRING),
    ],
)
def test_inside(marked: str, language: str, expected: LexicalContext) -> None:
    assert lexical_context(CursorContext.from_marked(marked, language)) is expected


@pytest.mark.parametrize(
    ("marked", "language", "kind"),
    [
        ("def f():│", "python", BLOCK),
        ("x = {│", "javascript", BLOCK),
        ('x = {"a":│', "python", STATEMENT),
        ("def f(x:│", "python", STATEMENT),
        ("x[1:│", "python", STATEMENT),
        ("f(\n    lambda:\n    │\n)\n", "python", STATEMENT),
        ('x = "a:│', "python", LINE),
        ('def f():\n    """Doc.\n\n    Args:\n        │', "python", STATEMENT),
        ('x = "a"│', "python", STATEMENT),
        ('if x == "a":│', "python", BLOCK),
        ("x = '│'", "python", LINE),
    ],
)
def test_what_is_wanted(marked: str, language: str, kind: CompletionKind) -> None:
    assert infer_kind_with_syntax(CursorContext.from_marked(marked, language)) is kind
