"""Models stop a token early: the call is there, its last bracket is not."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft

_FINISHED = re.compile(r"[\w)\]}\"'`]$")
_GOES_ON = re.compile(r"\s*(?:[)\]}.,+*/%&|?:=<>-]|and\b|or\b|if\b|for\b|else\b)")


def close_brackets(draft: Draft, place: CursorContext) -> Draft | None:
    """Close the round and square brackets that a single line leaves open, if nothing below does.

    A line that goes on below ends with a comma, an operator or the bracket itself, or what is
    below stands deeper.

    Before: `total = │⏎print(total)` + `sum(map(int, parts`
    After:  `sum(map(int, parts))`
    """
    text = draft.text.rstrip()
    if (
        draft.may_end_anywhere
        or "\n" in text
        or place.line_after.strip()
        or not _FINISHED.search(text)
    ):
        return draft
    whole, offset = brackets.joined(replace(draft, text=text), place)
    scanned = brackets.scan(whole, place.language)
    opened = [b for b in brackets.unmatched(scanned.brackets)[0] if b.position >= offset]
    if not opened or any(b.character == "{" for b in opened) or scanned.aside_at(len(whole)):
        return draft
    if _goes_on_below(place):
        return draft
    closing = "".join(brackets.CLOSING[b.character] for b in reversed(opened))
    return replace(draft, text=text + closing)


def _goes_on_below(place: CursorContext) -> bool:
    below = reading.lines_below(place)[:1]
    if below and (
        _GOES_ON.match(below[0]) or indent_width(below[0]) > indent_width(place.indentation)
    ):
        return True
    unopened = brackets.unmatched(brackets.scan(reading.after(place), place.language).brackets)[1]
    return bool(unopened) and unopened[0].character in ")]"
