"""A document's own indentation wins over the model's habit: tabs or spaces, and how many."""

from __future__ import annotations

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.columns import BLANKS_ARE_CONTENT
from devstral_lsp.completion.source.indent_style import reindent, style_around, style_of
from devstral_lsp.completion.types import CursorContext, Draft


def match_indentation(draft: Draft, place: CursorContext) -> Draft | None:
    """Write the indentation of the lines after the first in the document's style.

    Widths that no block explains stay as they are: alignment and odd spaces are the author's.

    Before: `def f(x):⏎→y = x⏎→│` + `if y:⏎        return y`
    After:  `if y:⏎→→return y`

    Before (javascript): `if (a) {⏎  b();⏎}⏎if (c) {│` + `⏎    d();⏎}`
    After:  `⏎  d();⏎}`
    """
    if "\n" not in draft.text or place.language.name in BLANKS_ARE_CONTENT:
        return draft
    document = style_around(place)
    if document.tabs == document.spaces:
        return draft
    text, below = draft.text, brackets.code_below(draft, place)
    first = place.line_before + text.split("\n", 1)[0]
    base = len(place.indentation)
    said = style_of((first, *(line for _, line in below)), place.language, base)
    if document.spaces and "\t" not in text and said.unit in (0, document.unit):
        return draft
    for start, line in reversed(below):
        text = text[:start] + reindent(line, said, document, place) + text[start + len(line) :]
    return reading.rewrite(draft, text)
