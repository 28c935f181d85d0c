"""The text that is sure to come next on the cursor's line, as far as it is sure.

Piece by piece: find where the text before has stood, take what most surely follows, go on until
the doubt that adds up is too much. Knows blocks and flat text, and no provider protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.providers.local.block import Block
from devstral_lsp.providers.local.judge import likeliest
from devstral_lsp.providers.local.match import Context, sightings

_SURE = 0.85
"""Probability of all that is shown, as the judge sees it."""

_SHORTEST = 2
"""Code points, blanks not counted, that are worth showing."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What comes next. `whole_line` says that the line ends after `text`."""

    text: str
    whole_line: bool


NOTHING = Guess("", False)


def guess(flat_before: str, blocks: Sequence[Block], most_chars: int) -> Guess:
    """Continue flat text on its line by at most `most_chars` code points."""
    context = Context.of(flat_before)
    text, sure, whole_line = "", 1.0, False
    while not whole_line:
        found = sightings(context, blocks)
        if not found:
            break
        piece, probability = likeliest(found)
        sure *= probability
        if sure < _SURE or len(text) + len(piece) > most_chars:
            break
        if piece == "\n":
            whole_line = True
        else:
            text += piece
            context = context.then(piece)
    if len("".join(text.split())) < _SHORTEST:
        return NOTHING
    return Guess(text, whole_line)
