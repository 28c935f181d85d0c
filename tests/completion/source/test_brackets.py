"""Brackets of long texts, of which each line is read once."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.source.brackets import scan, unmatched, unmatched_in
from devstral_lsp.languages import get_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", ""),
        ("python", "f(\n[1, 2,\n"),
        ("python", ")\n} f(a)[\n]"),
        ("python", 'x = """(\n[\n\n{\n"""\ny = (\n'),
        ("python", 'x = """(\n[\n{\n'),
        ("python", '"""(\n"""\n"""[\n"""\n(\n# {\n'),
        ("python", "x = '(\n(\n"),
        ("c", "/* {\n * {\n */ if (a) {\n}\n}\n"),
        ("c", "{ (\n}\n)\n// (\n"),
        ("typescript", "const a = `(\n${b}\n`;\nf(() => {\n  /[(]/;\n"),
        ("lua", "x = [[(\n(\n]]\nf({\n"),
        ("csharp", 'var x = @"({\n\\";\nif (a) {\n'),
        ("java", "class A { // }\n  void f() { g('{');\n"),
        ("typescript", "{([" * 3 + "\n" + "])" + "\r\n}\n"),
    ],
)
def test_a_text_read_by_its_lines(language: str, text: str) -> None:
    known = get_language(language)
    assert unmatched_in(text, known) == unmatched(scan(text, known).brackets)
