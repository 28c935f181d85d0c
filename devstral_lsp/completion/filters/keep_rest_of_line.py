"""If the rest of a line was requested, further lines are no answer."""

from __future__ import annotations

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft


def keep_rest_of_line(draft: Draft, place: CursorContext) -> Draft | None:
    """Keep the first line of a draft that should be the rest of one.

    Before (rest_of_line): `total = │` + `a + b⏎return total`
    After:  `a + b`
    """
    end = draft.text.find("\n")
    if draft.kind is not CompletionKind.REST_OF_LINE or end < 0:
        return draft
    return reading.shorten(draft, end)
