"""When a parse is given up."""

from __future__ import annotations

import time

import pytest

from devstral_lsp.syntax.grammars import parse
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Span


@pytest.mark.parametrize(("shape", "language"), [(b"(]", "lua"), (b"{/*......\n", "csharp")])
def test_what_is_made_of_errors_is_no_tree(shape: bytes, language: str) -> None:
    began_s = time.thread_time()
    assert parse(shape * 20_000, language) is None
    assert time.thread_time() - began_s < 2


@pytest.mark.parametrize("language", ["python", "javascript", "rust", "go"])
def test_a_large_file_of_code_is_parsed(language: str) -> None:
    assert parse(b"call(1, [2, 3]);\n" * 20_000, language) is not None


def test_an_edit_that_breaks_everything_leaves_no_syntax() -> None:
    syntax = Syntax.of("x = 1\n", "lua")
    assert syntax is not None
    assert syntax.apply_edit(Edit(Span(0, 0), "(]" * 20_000)) is None
    assert syntax.missing_nodes() == 0
