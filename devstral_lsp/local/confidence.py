"""The judge: how sure a piece is, from its clues.

A logistic regression for each stage of a guess, one for pieces that the open document has shown
in such a place and one for others. Knows nothing of where clues come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from operator import mul

from devstral_lsp.local.features import CLUES
from devstral_lsp.local.weights import WEIGHTS


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
    bias, *weights = _COLUMNS[model_column(clues, stage)]
    score = bias + sum(map(mul, weights, clues))
    return 1 / (1 + math.exp(-max(-_CERTAIN, min(_CERTAIN, score))))


def model_column(clues: Sequence[float], stage: Stage) -> tuple[Stage, bool]:
    """Which column of the weights applies: what the open document shows weighs differently."""
    return stage, clues[_OWN] > 0


COLUMNS = tuple((stage, own) for stage in Stage for own in (False, True))
_OWN = CLUES.index("own")
_CERTAIN = 30.0
_COLUMNS = dict(zip(COLUMNS, zip(*WEIGHTS.values(), strict=True), strict=True))
