"""Combine matches into a probability for each possible next piece.

Blends matches of all context lengths, over a prior from the words and line shapes near the cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from devstral_lsp.local.ngram_match import CONTEXT_LENGTHS, NgramMatch

_OWN = 2
"""Weight of a match in the open document; others count 1."""

_MAX_ORDER = len(CONTEXT_LENGTHS)

_DOUBT = 0.7
"""Probability reserved for pieces that no line shape suggests, per suggested piece."""


def interpolate(found: Sequence[NgramMatch], base: Mapping[str, float]) -> dict[str, float]:
    """Probability of each piece: Witten-Bell interpolation of context lengths over `base`."""
    probabilities = dict(base)
    for counts in _count_by_order(found):
        kinds, total = len(counts), sum(counts.values())
        probabilities = {
            piece: (counts.get(piece, 0) + kinds * probabilities.get(piece, 0.0)) / (total + kinds)
            for piece in probabilities.keys() | counts.keys()
        }
    return probabilities


def prior_probabilities(endings: Counter[str], shaped: Sequence[str]) -> dict[str, float]:
    """The prior: `endings` of near words, and pieces after near line shapes."""
    total = endings.total() + len(endings)
    probabilities = {ending: count / total for ending, count in endings.items() if ending}
    counts = Counter(shaped)
    for piece, count in counts.items():
        share = count / (len(shaped) + _DOUBT * len(counts))
        probabilities[piece] = max(probabilities.get(piece, 0.0), share)
    return probabilities


def word_endings(partial: str, words: Sequence[str]) -> Counter[str]:
    """Endings of `words` that start with the word in `partial`; "" counts the word itself."""
    start = partial.strip()
    if not start:
        return Counter()
    return Counter(word[len(start) :] for word in words if word.startswith(start))


def _count_by_order(found: Sequence[NgramMatch]) -> list[dict[str, int]]:
    """For each context length from the shortest, how often each piece follows with at least that
    length."""
    counts: dict[str, int] = {}
    snapshots: list[dict[str, int]] = []
    for match in sorted(found, key=lambda s: -s.order):
        while len(snapshots) < _MAX_ORDER - match.order:
            snapshots.append(dict(counts))
        counts[match.piece] = counts.get(match.piece, 0) + (_OWN if match.own else 1)
    while len(snapshots) < _MAX_ORDER:
        snapshots.append(dict(counts))
    return [snapshot for snapshot in reversed(snapshots) if snapshot]
