"""Parse a sequence of similar texts incrementally.

A window around a cursor is parsed in proportion to what was typed, also if lines at its start have
left it.
"""

from __future__ import annotations

from collections import OrderedDict

from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Edit, Span, edit_between

MAX_CHANGED = 2_000
"""Code points of a change above which a text is parsed from scratch."""
MAX_KEPT = 16
"""Cached texts."""
_SAMPLE = 256
"""Code points that are compared to find out what has left a window."""


class Reparser:
    """Caches the syntax of recent texts. Use it in one thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Syntax | None] = OrderedDict()

    def syntax_of(self, text: str, language_id: str) -> Syntax | None:
        """The same result as `Syntax.of`."""
        key = language_id, text
        if key not in self._kept:
            latest = (each for each in reversed(self._kept.values()) if each is not None)
            last = next((each for each in latest if _is_alike(each, *key)), None)
            parsed = None if last is None else _reparse(last, text)
            self._kept[key] = parsed or Syntax.of(text, language_id)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _is_alike(known: Syntax, language_id: str, text: str) -> bool:
    """Whether `text` may be what became of a text of about its length."""
    difference = abs(len(known.string) - len(text))
    return known.language_id == language_id and difference <= MAX_CHANGED


def _reparse(known: Syntax, text: str) -> Syntax | None:
    """The syntax of a text, parsed from another one; None if most of it differs."""
    edit = edit_between(known.string, text)
    if _size(edit) > MAX_CHANGED:
        start = edit.span.start
        left = known.string.find(edit.text[:_SAMPLE], start)
        without = None if left < 0 else known.apply_edit(Edit(Span(start, left), ""))
        if without is None:
            return None
        known, edit = without, edit_between(without.string, text)
    return known.apply_edit(edit) if _size(edit) <= MAX_CHANGED else None


def _size(edit: Edit) -> int:
    return len(edit.text) + edit.span.end - edit.span.start
