"""What is shown must be what gets inserted: a CRLF document gets CRLF."""

from __future__ import annotations

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place


def match_line_ends(draft: Draft, place: Place) -> Draft | None:
    """Write line ends as the line nearest to the cursor ends.

    Before: `x = 1␍⏎│` + `y = 2⏎z = 3`
    After:  `y = 2␍⏎z = 3`
    """
    return reading.rewrite(draft, reading.unified(draft.text).replace("\n", place.newline))
