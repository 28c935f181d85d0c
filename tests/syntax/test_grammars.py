"""Grammars are loaded when they are needed, and can be missing."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from dataclasses import replace

import pytest

from devstral_lsp.languages import Registry, grammar_of
from devstral_lsp.languages.python import PYTHON
from devstral_lsp.syntax.grammars import parse
from devstral_lsp.syntax.outline import outline
from devstral_lsp.syntax.tree import Syntax

PROMISED = (
    "python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust",
    "java", "c", "cpp", "csharp", "ruby", "php", "shellscript", "lua", "html", "css", "json",
    "yaml", "markdown",
)  # fmt: skip


@pytest.mark.parametrize("language_id", PROMISED)
def test_every_promised_language_parses(language_id: str) -> None:
    tree = parse(b"\n", language_id)
    assert tree is not None
    assert tree.root_node.end_byte <= 1


def test_no_grammar_for_an_unknown_language() -> None:
    assert grammar_of("brainfuck") is None
    assert parse(b"+", "brainfuck") is None


@pytest.mark.parametrize("broken", [("no_such_package", "language"), ("json", "no_such_function")])
def test_a_missing_or_broken_grammar_counts_as_none(
    monkeypatch: pytest.MonkeyPatch, broken: tuple[str, str]
) -> None:
    languages = Registry([replace(PYTHON, grammar=broken)])
    monkeypatch.setattr("devstral_lsp.languages.registry", lambda: languages)
    assert parse(b"x = 1\n", "python") is None
    assert Syntax.of("x = 1\n", "python") is None
    assert outline("def f(): pass\n", "python") == ()


def test_nothing_is_imported_before_a_text_is_parsed() -> None:
    program = (
        "import sys, devstral_lsp.context.provider, devstral_lsp.context.imported_definitions\n"
        "import devstral_lsp.syntax.tree as syntax\n"
        "loaded = lambda: sorted(m for m in sys.modules if m.startswith('tree_sitter'))\n"
        "assert loaded() == [], loaded()\n"
        "syntax.Syntax.of('{}', 'json')\n"
        "assert 'tree_sitter_json' in loaded() and 'tree_sitter_python' not in loaded()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_long_text_is_parsed_as_if_it_were_handed_over_whole() -> None:
    from tree_sitter import Language, Parser
    from tree_sitter_python import language

    source = "".join(f"def f{i}(é😀):\n    return {i}\n" for i in range(1000)).encode()
    tree = parse(source, "python")
    assert tree is not None
    assert str(tree.root_node) == str(Parser(Language(language())).parse(source).root_node)


def test_nothing_of_a_long_text_is_kept_once_its_tree_is_gone() -> None:
    source = b"def f(a):\n    return a\n" * 5000
    parse(source, "python")
    tracemalloc.start()
    try:
        for _ in range(4):
            parse(source, "python")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < len(source) / 4
