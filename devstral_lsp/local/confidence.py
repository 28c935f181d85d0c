"""Compute the probability that a predicted piece is right, by logistic regression.

One model for each stage of a prediction, and for pieces seen or not seen in the open document.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from operator import mul

from devstral_lsp.local.features import FEATURES
from devstral_lsp.local.weights import WEIGHTS


class Stage(Enum):
    """What a piece does; the weights differ by stage."""

    FINISH_WORD = "finish_word"
    """Completes a word that the user has begun."""
    START = "start"
    """The first piece after the cursor, which is after no word."""
    GO_ON = "go_on"
    """Follows other predicted pieces."""


def confidence(features: Sequence[float], stage: Stage) -> float:
    """The probability that the piece is right, from 0 to 1."""
    bias, *weights = _COLUMNS[model_column(features, stage)]
    score = bias + sum(map(mul, weights, features))
    return 1 / (1 + math.exp(-max(-_CERTAIN, min(_CERTAIN, score))))


def model_column(features: Sequence[float], stage: Stage) -> tuple[Stage, bool]:
    """The column of the weights: the stage, and whether the open document contains the piece."""
    return stage, features[_OWN] > 0


COLUMNS = tuple((stage, own) for stage in Stage for own in (False, True))
_OWN = FEATURES.index("own")
_CERTAIN = 30.0
_COLUMNS = dict(zip(COLUMNS, zip(*WEIGHTS.values(), strict=True), strict=True))
