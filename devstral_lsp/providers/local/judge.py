"""How sure it is that a piece comes next, from the places where the context has stood before.

Knows no index and no text: only how many sightings agree how far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from devstral_lsp.providers.local.document import OPEN_DOCUMENT
from devstral_lsp.providers.local.match import LADDER, Sighting

_OWN = 2.0
"""What a place in the open document counts, against 1 for one in another text."""


def likeliest(found: Sequence[Sighting]) -> tuple[str, float]:
    """The piece with the highest probability, by Witten and Bell's interpolation of orders."""
    odds: dict[str, float] = {}
    for rung in range(1, len(LADDER) + 1):
        counts: defaultdict[str, float] = defaultdict(float)
        for sighting in found:
            if sighting.rung >= rung:
                counts[sighting.piece] += _OWN if sighting.block.name == OPEN_DOCUMENT else 1
        if not counts:
            break
        kinds, total = len(counts), sum(counts.values())
        pieces = odds.keys() | counts.keys()
        odds = {
            p: (counts.get(p, 0.0) + kinds * odds.get(p, 0.0)) / (total + kinds) for p in pieces
        }
    piece = max(odds, key=lambda p: odds[p])
    return piece, odds[piece]
