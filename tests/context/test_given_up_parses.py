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


@pytest.mark.parametrize(
    ("line", "language"),
    [
        (b"call(1, [2, 3])\n", "python"),
        (b"call(1, [2, 3]);\n", "javascript"),
        (b"const A: B = call(1, [2, 3]);\n", "rust"),
        (b"var _ = call(1, []int{2, 3})\n", "go"),
    ],
)
def test_a_large_file_of_code_is_parsed(line: bytes, language: str) -> None:
    tree = parse(line * 20_000, language)
    assert tree is not None
    assert not tree.root_node.has_error


def test_an_edit_that_breaks_everything_leaves_no_syntax() -> None:
    syntax = Syntax.of("x = 1\n", "lua")
    assert syntax is not None
    assert syntax.apply_edit(Edit(Span(0, 0), "(]" * 20_000)) is None
    assert syntax.missing_nodes() == 0
