"""The odds of each piece that might come next, from all that points to one.

Sightings at many lengths of agreement are blended into one probability per piece, on top of what
the words and the line shapes near the cursor suggest. Knows no index and no weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from devstral_lsp.local.ngram_match import LADDER, NgramMatch

_OWN = 2
"""What a place in the open document counts, against 1 for one in another text."""

_TOP_RUNG = len(LADDER)

_DOUBT = 0.7
"""What is kept back for pieces that no shape suggests, per piece that one does."""


def interpolate(found: Sequence[NgramMatch], base: Mapping[str, float]) -> dict[str, float]:
    """Probability of each piece, by Witten and Bell's interpolation of orders over `base`."""
    odds = dict(base)
    for counts in _counts_by_rung(found):
        kinds, total = len(counts), sum(counts.values())
        odds = {
            piece: (counts.get(piece, 0) + kinds * odds.get(piece, 0.0)) / (total + kinds)
            for piece in odds.keys() | counts.keys()
        }
    return odds


def prior_probabilities(endings: Counter[str], shaped: Sequence[str]) -> dict[str, float]:
    """What is likely before any sighting: `endings` of near words, pieces after near shapes."""
    total = endings.total() + len(endings)
    odds = {ending: count / total for ending, count in endings.items() if ending}
    counts = Counter(shaped)
    for piece, count in counts.items():
        share = count / (len(shaped) + _DOUBT * len(counts))
        odds[piece] = max(odds.get(piece, 0.0), share)
    return odds


def word_endings(partial: str, words: Sequence[str]) -> Counter[str]:
    """How `words` that begin with the word in `partial` go on; "" counts that word itself."""
    start = partial.strip()
    if not start:
        return Counter()
    return Counter(word[len(start) :] for word in words if word.startswith(start))


def _counts_by_rung(found: Sequence[NgramMatch]) -> list[dict[str, int]]:
    """For each rung from the lowest on, how often each piece follows at that rung or above."""
    counts: dict[str, int] = {}
    snapshots: list[dict[str, int]] = []
    for sighting in sorted(found, key=lambda s: -s.order):
        while len(snapshots) < _TOP_RUNG - sighting.order:
            snapshots.append(dict(counts))
        counts[sighting.piece] = counts.get(sighting.piece, 0) + (_OWN if sighting.own else 1)
    while len(snapshots) < _TOP_RUNG:
        snapshots.append(dict(counts))
    return [snapshot for snapshot in reversed(snapshots) if snapshot]
