"""What is asked for at a cursor."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.request_kind import indent_width, infer_kind
from devstral_lsp.completion.types import CompletionKind, CursorContext

LINE, STATEMENT, BLOCK = CompletionKind.REST_OF_LINE, CompletionKind.STATEMENT, CompletionKind.BLOCK


@pytest.mark.parametrize(
    ("marked", "language", "kind"),
    [
        ("x = │", "python", STATEMENT),
        ("x = foo(│)", "python", STATEMENT),
        ("x = │ + 1", "python", LINE),
        ("def f():│", "python", BLOCK),
        ("def f():  # why│", "python", BLOCK),
        ('if x == "a":  # why│', "python", BLOCK),
        ("if x == 'a':  # why│", "python", BLOCK),
        ("def f():  # don't│", "python", BLOCK),
        ('if x == "#":│', "python", BLOCK),
        ('"#": {│', "python", BLOCK),
        ("'//': {│", "javascript", BLOCK),
        ("def f():\n    │\n\nf()\n", "python", BLOCK),
        ("def f():\n    │\n    return 1\n", "python", STATEMENT),
        ("def f():\n    x = 1\n    │", "python", STATEMENT),
        ("if (x) {│", "javascript", BLOCK),
        ("if (x) {\n  │\n}\n", "javascript", BLOCK),
        ("if (x) {\n  │\n  y();\n}\n", "javascript", STATEMENT),
        ("if (x) {│\n  y();\n}\n", "javascript", STATEMENT),
        ("if (x) {│}", "javascript", BLOCK),
        ("run(() => {│});", "javascript", BLOCK),
        ("if (x) { │ }", "javascript", LINE),
        ("if (x) {│} else {", "javascript", LINE),
        ("show(`${│}`)", "javascript", LINE),
        ("show(`${│}", "javascript", LINE),
        ("<p className={│}", "typescriptreact", STATEMENT),
        ("import {│} from 'x'", "javascript", LINE),
        ("x = {│}", "python", STATEMENT),
        ("call(│)", "go", STATEMENT),
        ("call(│, 1)", "go", STATEMENT),
        ("call(│) + 1", "go", LINE),
        ("<p onClick={│}>x</p>", "typescriptreact", STATEMENT),
        ("if (│) {", "javascript", LINE),
        ("call(│", "go", BLOCK),
        ("if x then│", "lua", BLOCK),
        ("def go│", "ruby", BLOCK),
        ("│", "plaintext", STATEMENT),
        ("some words │", "plaintext", STATEMENT),
    ],
)
def test_kind(marked: str, language: str, kind: CompletionKind) -> None:
    assert infer_kind(CursorContext.from_marked(marked, language)) is kind


@pytest.mark.parametrize(
    ("line", "width"), [("", 0), ("  x", 2), ("\tx", 4), ("  \tx", 4), ("x  ", 0)]
)
def test_indent_width(line: str, width: int) -> None:
    assert indent_width(line) == width
