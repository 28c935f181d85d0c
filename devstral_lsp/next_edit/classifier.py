"""Estimates the probability of a candidate, by a logistic regression for each rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from devstral_lsp.next_edit.weights import WEIGHTS

_MAX_SCORE = 30.0


def probability(rule: str, features: Sequence[float]) -> float:
    """The probability, from 0 to 1, that the user repeats the change at that place."""
    bias, *weights = WEIGHTS[rule]
    score = bias + sum(map(mul, weights, features))
    return 1 / (1 + math.exp(-max(-_MAX_SCORE, min(_MAX_SCORE, score))))
