"""The judge: how sure a piece is, from its clues.

A logistic regression, one for each stage of a guess. Knows nothing of where clues come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from operator import mul

from devstral_lsp.providers.local.weights import WEIGHTS


class Stage(Enum):
    """What a piece does. The same clue weighs differently in each."""

    FINISH_WORD = "finish_word"
    """It goes on with a word that the user has begun."""
    START = "start"
    """It is the first thing after the cursor, which stands after no word."""
    GO_ON = "go_on"
    """It follows what has been guessed."""


def confidence(clues: Sequence[float], stage: Stage) -> float:
    """The probability that the piece is right, from 0 to 1."""
    bias, *weights = _COLUMNS[stage]
    score = bias + sum(map(mul, weights, clues))
    return 1 / (1 + math.exp(-max(-_CERTAIN, min(_CERTAIN, score))))


_CERTAIN = 30.0
_COLUMNS = dict(zip(Stage, zip(*WEIGHTS.values(), strict=True), strict=True))
