"""How long an endpoint takes to its first token, as it has been lately. Pure."""

from __future__ import annotations

USUAL_MS = 220.0
"""Before anything was heard: Codestral's median over a good line."""

EMA_WEIGHT = 0.8
"""Of what was known; the rest is the last answer's. About the last ten count."""

MAX_MS = 10_000.0
"""A stream that hung is no measure of the endpoint."""


FAST_ENDPOINT_MS = 25.0
"""An endpoint that answers within this is heard first: on this machine, with a warm cache."""

QUICK_S = 0.005
"""A guess takes 1 to 5 ms of the event loop: not before the request is on its way."""


def head_start_s(first_token_ms: float) -> float:
    """How long an endpoint is heard before all else is done.

    >>> head_start_s(220.0)
    0.005
    """
    return FAST_ENDPOINT_MS / 1000 if first_token_ms <= FAST_ENDPOINT_MS else QUICK_S


class Latency:
    """One endpoint's, as an exponentially weighted mean."""

    def __init__(self) -> None:
        self.first_token_ms = USUAL_MS

    def observe(self, first_token_ms: float) -> None:
        """An answer began after so many milliseconds."""
        seen = min(MAX_MS, max(0.0, first_token_ms))
        self.first_token_ms = EMA_WEIGHT * self.first_token_ms + (1 - EMA_WEIGHT) * seen
