"""How long to leave an endpoint alone after it failed. Pure but for the clock it is given.

Used alike for a single endpoint, by whoever asks it, and for each of several (`providers/`).
"""

from __future__ import annotations

from collections.abc import Callable

from devstral_lsp.errors import (
    Busy,
    ContextTooLong,
    KeyRefused,
    ModelUnknown,
    NoAllowance,
    NoFim,
    ProviderError,
    RateLimited,
    Unauthorized,
    Unreachable,
)

HOPELESS_S = 300.0
"""A wrong key or model stays wrong until a setting changes, which resets this anyway."""

RATE_S = 10.0
"""Copilot's pause after a 429 that does not say how long."""

FIRST_S, LONGEST_S = 1.0, 60.0
"""Trouble that passes: doubled each time. Mistral's windows are a minute long."""

_HOPELESS = (Unauthorized, KeyRefused, NoAllowance, ModelUnknown, NoFim)
_PASSING = (Busy, Unreachable)


class Backoff:
    """Remembers failures of one endpoint. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = 0.0
        self._failures = 0
        self.reason: ProviderError | None = None
        """The failure that is being waited out; None when all is well."""

    @property
    def open(self) -> bool:
        """Whether the endpoint may be asked."""
        return self._clock() >= self._until

    @property
    def wait_s(self) -> float:
        """Seconds until it may be asked; 0 where it may be asked now."""
        return max(0.0, self._until - self._clock())

    def failed(self, error: ProviderError) -> None:
        """Take note of a failure. One that says nothing of the endpoint does not close it."""
        self.reason = error
        self._failures += 1
        self._until = self._clock() + self._pause_s(error)

    def succeeded(self) -> None:
        self.reason = None
        self._failures = 0
        self._until = 0.0

    def _pause_s(self, error: ProviderError) -> float:
        if isinstance(error, ContextTooLong):
            return 0.0
        if isinstance(error, _HOPELESS):
            return HOPELESS_S
        if error.retry_after_s is not None:
            return min(max(error.retry_after_s, 0.0), HOPELESS_S)
        if isinstance(error, RateLimited):
            return RATE_S
        if isinstance(error, _PASSING):
            return float(min(LONGEST_S, FIRST_S * 2 ** (self._failures - 1)))
        return 0.0
