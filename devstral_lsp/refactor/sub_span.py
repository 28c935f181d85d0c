"""A part of what an offer may touch, as the offer's argument carries it: "12-40".

Offsets are code points from the start of the offer's span, so that they hold while the span moves.
The argument comes back from the editor and is not trusted.
"""

from __future__ import annotations

import re

from devstral_lsp.refactor.types import ActionOffer, RefactorRefused
from devstral_lsp.text import Snapshot, Span

_FORM = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


def region_argument(span: Span, part: Span) -> str:
    """The argument for `part` of `span`."""
    return f"{part.start - span.start}-{part.end - span.start}"


def region_of(offer: ActionOffer) -> Span:
    """The part that the argument tells of.

    Raises RefactorRefused if it is none of the offer's span.
    """
    match = _FORM.fullmatch(offer.argument)
    start, end = (int(each) for each in match.groups()) if match else (0, 0)
    if not 0 <= start < end <= offer.span.end - offer.span.start:
        raise RefactorRefused(
            "The selection of this action could not be read. Select the code again."
        )
    return Span(offer.span.start + start, offer.span.start + end)


def region_code(offer: ActionOffer, snapshot: Snapshot) -> str:
    """The text of the part. Raises RefactorRefused as `region_of` does."""
    part = region_of(offer)
    return snapshot.text.slice(part.start, part.end)
