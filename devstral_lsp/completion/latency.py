"""How long an endpoint takes to its first token, as it has been lately. Pure."""

from __future__ import annotations

USUAL_MS = 220.0
"""Before anything was heard: Codestral's median over a good line."""

INERTIA = 0.8
"""Of what was known; the rest is the last answer's. About the last ten count."""

LONGEST_MS = 10_000.0
"""A stream that hung is no measure of the endpoint."""


class Latency:
    """One endpoint's, as an exponentially weighted mean."""

    def __init__(self) -> None:
        self.first_token_ms = USUAL_MS

    def learn(self, first_token_ms: float) -> None:
        """An answer began after so many milliseconds."""
        seen = min(LONGEST_MS, max(0.0, first_token_ms))
        self.first_token_ms = INERTIA * self.first_token_ms + (1 - INERTIA) * seen
