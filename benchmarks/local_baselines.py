"""Two simple ways to complete from earlier text, to hold the `local` provider against.

Both see the same text: the file around the cursor and all other files of the package.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.ngram_index import IndexedPassage
from devstral_lsp.local.ngram_match import NgramContext, find_matches
from devstral_lsp.local.predict import Prediction
from devstral_lsp.local.probabilities import interpolate

MAX_MATCH_LENGTH = 400
NGRAM_SURE = 0.9
MAX_PIECES = 40


def longest_match(before: str, after: str, others: Sequence[str]) -> Prediction:
    """The rest of the line after the longest earlier match of the text before the cursor."""
    best, rest = 0, ""
    for text in (before[:-1], after, *others):
        length, place = _longest(before, text, best)
        if length > best:
            best, rest = length, text[place:].partition("\n")[0]
    return Prediction(rest.rstrip(), whole_line=True)


def ngram(cursor: LocalContext, blocks: Sequence[IndexedPassage]) -> Prediction:
    """Tokens as long as their interpolated probability stays at NGRAM_SURE or above."""
    context = NgramContext.of(cursor.flat)
    text, sure = "", 1.0
    for _ in range(MAX_PIECES):
        probabilities = interpolate(find_matches(context, blocks), {})
        piece = max(probabilities, key=lambda p: probabilities[p], default="")
        sure *= probabilities.get(piece, 0.0)
        if sure < NGRAM_SURE:
            return Prediction(text)
        if piece == "\n":
            return Prediction(text, whole_line=True)
        text += piece
        context = context.extend(piece)
    return Prediction(text)


def _longest(before: str, text: str, more_than: int) -> tuple[int, int]:
    """Length of the longest end of `before` that stands in `text`, and where it ends there."""
    low, high, place = more_than, min(len(before), MAX_MATCH_LENGTH), -1
    while low < high:
        middle = (low + high + 1) // 2
        found = text.rfind(before[-middle:])
        if found < 0:
            high = middle - 1
        else:
            low, place = middle, found + middle
    return (low, place) if place >= 0 else (0, -1)
