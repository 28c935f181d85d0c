"""A model that is shown a CRLF document answers with CRLF, so filters would meet stray "\\r"."""

from __future__ import annotations

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.text import normalize_newlines


def unify_line_ends(draft: Draft, place: CursorContext) -> Draft | None:
    """Write every line end as "\\n"; `match_line_ends` restores the document's own.

    Before: `x = 1│` + `␍⏎y = 2`
    After:  `⏎y = 2`
    """
    return reading.rewrite(draft, normalize_newlines(draft.text))
