"""How much of the document is shown around a span, and which of its imports besides.

The definition that encloses the span where there is one, else some lines on either side; never more
than a model can use. Pure. Offsets are code points; what is shown is whole lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devstral_lsp.syntax.imports import find_import_statements
from devstral_lsp.syntax.outline import Definition
from devstral_lsp.text import Snapshot, Span, Text, normalize_newlines

LINES_AROUND = 60
"""On either side of a span that no definition encloses."""
MOST_AROUND = 12_000
"""Code points beside the span, some 4,000 tokens; the lines next to it are kept."""
HEAD = 30_000
"""Code points from the start of a file in which its imports stand."""
MOST_IMPORTS = 60
"""Statements."""


def scope_of(text: Text, span: Span, definitions: Sequence[Definition]) -> Span:
    """What is shown: `span` and the lines around it that belong to it. Holds `span`."""
    enclosing = _enclosing(definitions, span)
    first, last = text.line_of(span.start), text.line_of(span.end)
    low, high = first - LINES_AROUND, last + LINES_AROUND
    if enclosing is not None:
        low, high = text.line_of(enclosing.start), text.line_of(enclosing.end)
    return _bounded(text, span, max(low, 0), min(high, text.line_count - 1))


def imports_of(snapshot: Snapshot, shown: Span) -> str:
    """The import statements that stand outside of what is `shown`; line ends are "\\n"."""
    text = snapshot.text
    lines = normalize_newlines(text.slice(0, HEAD)).split("\n")
    first, last = text.line_of(shown.start), text.line_of(shown.end)
    found = find_import_statements(lines, snapshot.language)
    outside = [each.text for each in found if each.end <= first or each.first > last]
    return "\n".join(outside[:MOST_IMPORTS])


def _enclosing(definitions: Iterable[Definition], span: Span) -> Span | None:
    """The innermost definition that holds the span and more."""
    for each in definitions:
        if each.span.start <= span.start and span.end <= each.span.end:
            inner = _enclosing(each.members, span)
            if inner is not None:
                return inner
            own = (each.span.start, each.span.end)
            return each.span if own != (span.start, span.end) else None
    return None


def _bounded(text: Text, span: Span, low: int, high: int) -> Span:
    """The lines from `low` to `high`, without the farthest where they are too many."""
    half = MOST_AROUND // 2
    start = max(text.line_start(low), span.start - half)
    end = min(text.line_end(high), span.end + half)
    first, last = text.line_of(start), text.line_of(end)
    start = start if start == text.line_start(first) else text.line_start(first + 1)
    end = end if end == text.line_end(last) else text.line_end(max(last - 1, 0))
    return Span(min(start, span.start), max(end, span.end))
