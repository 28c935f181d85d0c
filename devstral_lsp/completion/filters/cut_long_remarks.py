"""When a line is complete, some models explain it in an endless comment."""

from __future__ import annotations

from devstral_lsp.completion.extent.standing import is_whole
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.text import Span

_COLUMNS = 120
"""Of 2,247 lines of Python's library, Go's, npm's and zod's with a comment behind code, 6 are
longer."""


def cut_long_remarks(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut a comment after code if it makes the line unusually long.

    Before: `done = │` + `False  # set once all of the workers have come to their end, so that the main loop, which waits for them, may go on`
    After:  `False`
    """
    remark = _too_long(draft, place)
    if remark is None:
        return draft
    if draft.kind is CompletionKind.STATEMENT and is_whole(draft, place):
        return draft
    if remark.end == len(draft.text):
        return reading.shorten(draft, remark.start)
    rest = draft.text[: remark.start] + draft.text[remark.end :]
    cut = reading.rewrite(draft, rest)
    return cut and cut_long_remarks(cut, place)


def _too_long(draft: Draft, place: CursorContext) -> Span | None:
    """The first such comment in the draft, with the whitespace before it."""
    marker = place.language.line_comment
    if not marker or marker not in draft.text:
        return None
    text, offset = brackets.joined(draft, place)
    for aside in brackets.scan(text, place.language).asides:
        line = text[text.rfind("\n", 0, aside.start) + 1 : aside.end]
        code = line[: len(line) - (aside.end - aside.start)].rstrip()
        if aside.opener == marker and code and aside.start >= offset and len(line) > _COLUMNS:
            start = max(0, len(text[: aside.start].rstrip()) - offset)
            return Span(start, aside.end - offset)
    return None
