"""What is shown must be what gets inserted: a CRLF document gets CRLF."""

from __future__ import annotations

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place


def match_line_ends(draft: Draft, place: Place) -> Draft | None:
    """Write line ends as the line nearest to the cursor ends.

    Before: `x = 1␍⏎│` + `y = 2⏎z = 3`
    After:  `y = 2␍⏎z = 3`
    """
    ends = _nearest_line_end(place)
    return reading.rewrite(draft, reading.unified(draft.text).replace("\n", ends))


def _nearest_line_end(place: Place) -> str:
    above = len(place.before) - len(place.line_before)
    if above:
        return _ending(place.before[max(0, above - 2) : above])
    below = place.after[len(place.line_after) :][:2]
    return _ending(below if below.startswith("\r\n") else below[:1])


def _ending(text: str) -> str:
    if text.endswith("\r\n"):
        return "\r\n"
    return "\r" if text.endswith("\r") else "\n"
