"""Parses one text after another of which each is much like the one before, from the tree of that.

So a window around a cursor is parsed in proportion to what was typed, also where lines that are far
above have left it.
"""

from __future__ import annotations

from collections import OrderedDict

from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Span, edit_between

MOST_CHANGED = 2_000
"""Code points of a change beyond which a text is parsed from its start."""
MOST_KEPT = 16
"""Texts whose syntax is remembered."""
_SAMPLE = 256
"""Code points by which it is found out what has left a window."""


class Reparser:
    """Belongs to one thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Syntax | None] = OrderedDict()

    def syntax_of(self, text: str, language_id: str) -> Syntax | None:
        """As `Syntax.of`; None without a grammar, or where parsing takes too long."""
        key = language_id, text
        if key not in self._kept:
            last = next(reversed(self._kept.values()), None)
            is_alike = last is not None and last.language_id == language_id
            parsed = _parsed_from(last, text) if last is not None and is_alike else None
            self._kept[key] = parsed or Syntax.of(text, language_id)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _parsed_from(known: Syntax, text: str) -> Syntax | None:
    """The syntax of a text from that of another; None where most of it is different."""
    edit = edit_between(known.string, text)
    if _size(edit) > MOST_CHANGED:
        start = edit.span.start
        left = known.string.find(edit.text[:_SAMPLE], start)
        without = None if left < 0 else known.replaced(Edit(Span(start, left), ""))
        if without is None:
            return None
        known, edit = without, edit_between(without.string, text)
    return known.replaced(edit) if _size(edit) <= MOST_CHANGED else None


def _size(edit: Edit) -> int:
    return len(edit.text) + edit.span.end - edit.span.start
