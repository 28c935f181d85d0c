"""How many errors a parser finds in a text, to tell what a suggestion does to it.

Python is judged by its own parser, which forgives nothing; other languages by tree-sitter, where
there is a grammar. Knows no holes.
"""

from __future__ import annotations

import ast
import warnings

from devstral_lsp.syntax.tree import Syntax


def parse_errors(text: str, language: str) -> int | None:
    """Errors in `text`, None if there is no parser for the language.

    Python's parser stops at the first, so it counts 0 or 1.
    """
    if language == "python":
        return _python_errors(text)
    syntax = Syntax.of(text, language)
    return None if syntax is None else syntax.missing_nodes()


def _python_errors(text: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd escapes in strings, which are no errors
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return 1
    return 0
