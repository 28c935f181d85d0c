"""The name that an edit brings into a document: a user may well have a better one.

Knows the document before and after, and no editor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.syntax.outline import Definition
from devstral_lsp.text import Edit


def new_name(document: ParsedDocument, edits: Sequence[Edit]) -> str:
    """The one name that `edits` define and that was not defined before; "" for none or several."""
    come = set(_names(document.edited(edits).definitions)) - set(_names(document.definitions))
    return come.pop() if len(come) == 1 else ""


def _names(definitions: Iterable[Definition]) -> Iterator[str]:
    for each in definitions:
        yield each.name
        yield from _names(each.members)
