"""The names that a span of a document defines at its outermost level, from the document's outline.

Inside a function those are the functions and classes in it; local variables are its own affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import dedent

from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.syntax.outline import Definition, outline
from devstral_lsp.text import Span


@dataclass(frozen=True, slots=True)
class DefinedNames:
    """What a span defines. `doubles` counts definitions that stand more than once at one level.

    `is_local` says that the span is part of a function.
    """

    names: frozenset[str]
    doubles: int
    is_local: bool


def defined_names(
    document: ParsedDocument, span: Span, like: DefinedNames | None = None
) -> DefinedNames:
    """What `span` of `document` defines; read in the same way as `like`, if given."""
    code = document.string[span.start : span.end].rstrip()
    span = Span(span.start, span.start + len(code))
    level = list(_level(document.definitions, span))
    here = [each for each in level if span.start <= each.span.start < span.end]
    alone = outline(dedent(code), document.language, is_whole=True)
    inner = [each for each in alone if not each.is_value]
    is_local = not here and (bool(inner) or any(_is_around(each, span) for each in level))
    if like.is_local if like is not None else is_local:
        return _defined(inner, inner, is_local=True)
    return _defined(here, level, is_local=False)


def _defined(
    here: Iterable[Definition], level: Iterable[Definition], *, is_local: bool
) -> DefinedNames:
    names = frozenset(each.name for each in here)
    known = Counter((each.name, each.signature) for each in level if not each.is_value)
    doubles = sum(count - 1 for (name, _), count in known.items() if name in names)
    return DefinedNames(names, doubles, is_local)


def _level(definitions: Iterable[Definition], span: Span) -> Iterator[Definition]:
    """The definitions beside those in the span: of the file, or of the class around it."""
    definitions = list(definitions)
    for each in definitions:
        if each.members and _is_around(each, span):
            yield from _level(each.members, span)
            return
    yield from definitions


def _is_around(each: Definition, span: Span) -> bool:
    return each.span.start < span.start and span.end <= each.span.end
