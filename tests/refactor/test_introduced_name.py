"""Which name an edit brings in."""

from __future__ import annotations

import pytest

from devstral_lsp.refactor.introduced_name import new_name
from devstral_lsp.refactor.line_edits import minimal_line_edits
from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.text import Snapshot, Span, Text

BEFORE = "class A:\n    def f(self):\n        return 30\n"


@pytest.mark.parametrize(
    ("after", "name"),
    [
        ("LIMIT = 30\n\n\nclass A:\n    def f(self):\n        return LIMIT\n", "LIMIT"),
        (BEFORE.replace("30", "self._g()") + "\n    def _g(self):\n        return 30\n", "_g"),
        (BEFORE.replace("30", "29"), ""),
        ("class B:\n    def f(self):\n        return 30\n", "B"),
        ("X = 1\nY = 2\n" + BEFORE, ""),
        ("def f():\n    return 30\n\n\n" + BEFORE, ""),
    ],
    ids=["constant", "method", "none", "another", "two", "known"],
)
def test_it_is_the_only_one_that_is_defined_and_was_not(after: str, name: str) -> None:
    document = ParsedDocument(Snapshot("file:///a.py", 1, "python", Text.of(BEFORE)))
    assert (
        new_name(document, minimal_line_edits(document.text, Span(0, len(BEFORE)), after)) == name
    )


def test_without_a_grammar_there_is_none() -> None:
    document = ParsedDocument(Snapshot("file:///a.txt", 1, "plaintext", Text.of(BEFORE)))
    assert new_name(document, minimal_line_edits(document.text, Span(0, 0), "LIMIT = 30\n")) == ""
