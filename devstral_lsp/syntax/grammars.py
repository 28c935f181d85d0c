"""Parse with tree-sitter. The package of a grammar is imported on first use.

A grammar takes up to a few megabytes. One that is missing, or was built for another version of
tree-sitter, counts as none: all callers work without a tree.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from devstral_lsp.languages import grammar_of, registry
from devstral_lsp.languages.language import Grammar

if TYPE_CHECKING:
    from tree_sitter import Language, Parser, Point, Tree

_logger = logging.getLogger(__name__)

_SLICE = 4096
"""Bytes per slice. tree-sitter blocks other threads while it parses, except when it reads the
next slice; parsing 10,000 lines at once would block the event loop for 50 ms."""

_MIN_S, _S_PER_BYTE = 0.03, 3e-6
"""Processor time of a parse, some twenty times that of ordinary code, so that only texts full of
errors are given up. Recovering from an error at each byte takes up to 0.1 ms per byte."""

_own = threading.local()
"""Each thread's buffer for slices, and views of it by length."""


def grammar_name(language_id: str) -> str | None:
    """The grammar of an LSP language id, such as "tsx"; None if there is none."""
    grammar = grammar_of(language_id)
    return None if grammar is None else _name(grammar)


def _name(grammar: Grammar) -> str:
    package, function = grammar
    own = function.removeprefix("language").lstrip("_")
    return own or package.removeprefix("tree_sitter_").replace("_", "")


def language_of_grammar(name: str) -> Language | None:
    """The loaded grammar named `name`; None if it cannot be loaded."""
    return _loaded(grammars_by_name()[name])


@cache
def grammars_by_name() -> Mapping[str, Grammar]:
    """Package and function of every grammar, by name."""
    known = [each.grammar for each in registry().languages]
    known += [dialect.grammar for each in registry().languages for dialect in each.dialects]
    return {_name(grammar): grammar for grammar in known if grammar is not None}


def parse(source: bytes, language_id: str, old: Tree | None = None) -> Tree | None:
    """The tree of `source` (UTF-8); None without a grammar, or if parsing takes too long.

    `old` is the tree of the previous text, with `Tree.edit` called for each edit; the parser reuses
    its unchanged parts. Thread-safe: each parse has its own parser.
    """
    grammar = grammar_of(language_id)
    language = _loaded(grammar) if grammar else None
    if language is None:
        return None
    parser, read = _parser(language), _in_slices(source)
    ends_s = time.thread_time() + _MIN_S + len(source) * _S_PER_BYTE

    def is_late(_at: int, _has_error: bool) -> bool:
        return time.thread_time() > ends_s

    try:
        if old is None:
            return parser.parse(read, progress_callback=is_late)
        return parser.parse(read, old, progress_callback=is_late)
    except ValueError:  # timed out
        return None


def _in_slices(source: bytes) -> Callable[[int, Point], memoryview]:
    """The callback from which tree-sitter reads the next slice.

    py-tree-sitter 0.26 never releases the slices, which leaked twice the text at each parse. All
    slices are therefore written into one buffer; tree-sitter uses only the last one.
    """
    if not hasattr(_own, "buffer"):
        _own.buffer, _own.views = bytearray(_SLICE), {}
    buffer: bytearray = _own.buffer
    views: dict[int, memoryview] = _own.views

    def read(at: int, _: Point) -> memoryview:
        piece = source[at : at + _SLICE]
        buffer[: len(piece)] = piece
        if len(piece) not in views:
            views[len(piece)] = memoryview(buffer)[: len(piece)]
        return views[len(piece)]

    return read


def _parser(language: Language) -> Parser:
    from tree_sitter import Parser

    return Parser(language)


@cache
def _loaded(grammar: Grammar) -> Language | None:
    package, function = grammar
    try:
        from tree_sitter import Language

        return Language(getattr(import_module(package), function)())
    except (ImportError, AttributeError, ValueError, OSError) as error:
        _logger.warning("no grammar from %s: %s", package, type(error).__name__)
        return None
