"""How much of a document is shown around a span."""

from __future__ import annotations

import pytest

from devstral_lsp.refactor import prompt_context as rules
from devstral_lsp.refactor.prompt_context import imports_of, scope_of
from devstral_lsp.syntax.outline import outline
from devstral_lsp.text import Snapshot, Span, Text

CODE = """\
import os
from a import (
    b,
)

LIMIT = 1

class Cart:
    def total(self):
        first = 1
        return first

    def empty(self):
        pass

def other():
    pass
"""


def shown(code: str, marked: str, language: str = "python") -> str:
    text = Text.of(code)
    start = code.index(marked)
    span = scope_of(text, Span(start, start + len(marked)), outline(code, language))
    return text.slice(span.start, span.end)


def test_lines_are_shown_in_their_function() -> None:
    assert shown(CODE, "first = 1").startswith("    def total")
    assert shown(CODE, "first = 1").endswith("return first")


def test_a_method_is_shown_in_its_class() -> None:
    method = "def empty(self):\n        pass"
    assert shown(CODE, method).startswith("class Cart")
    assert shown(CODE, method).endswith(method)


@pytest.mark.parametrize("code", [CODE, CODE.replace("\n", "\r\n")])
def test_what_nothing_encloses_is_shown_among_its_neighbours(code: str) -> None:
    assert shown(code, "LIMIT = 1") == code
    many = "x = 1\n" * 100 + "y = 2\n" + "x = 3\n" * 100
    around = shown(many, "y = 2").split("\n")
    assert (len(around), around[rules.LINES_AROUND]) == (2 * rules.LINES_AROUND + 1, "y = 2")


def test_never_too_much_and_always_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_SURROUNDING", 60)
    assert shown(CODE, "return first") == ("        first = 1\n        return first")


def test_the_imports_that_are_not_shown_anyway() -> None:
    snapshot = Snapshot("file:///a.py", 1, "python", Text.of(CODE.replace("\n", "\r\n")))
    end = Span(len(snapshot.text), len(snapshot.text))
    assert imports_of(snapshot, end) == "import os\nfrom a import (\n    b,\n)"
    assert imports_of(snapshot, Span(0, 5)) == "from a import (\n    b,\n)"
    assert imports_of(snapshot, Span(0, len(snapshot.text))) == ""
