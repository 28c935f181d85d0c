"""How long to leave an endpoint alone after it failed. Pure but for the clock it is given.

Used alike for a single endpoint, by whoever asks it, and for each of several (`providers/`).
"""

from __future__ import annotations

from collections.abc import Callable

from devstral_lsp.errors import (
    ContextLengthExceeded,
    EndpointUnreachable,
    FimNotSupported,
    KeyNotSent,
    ModelNotFound,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)

PERMANENT_BACKOFF_S = 300.0
"""A wrong key or model stays wrong until a setting changes, which resets this anyway."""

RATE_LIMIT_BACKOFF_S = 10.0
"""Copilot's pause after a 429 that does not say how long."""

FIRST_S, LONGEST_S = 1.0, 60.0
"""Trouble that passes: doubled each time. Mistral's windows are a minute long."""

_HOPELESS = (Unauthorized, KeyNotSent, QuotaExhausted, ModelNotFound, FimNotSupported)
_PASSING = (ServerOverloaded, EndpointUnreachable)


class Backoff:
    """Remembers failures of one endpoint. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = 0.0
        self._failures = 0
        self.last_error: ProviderError | None = None
        """The failure that is being waited out; None when all is well."""

    @property
    def is_closed(self) -> bool:
        """Whether the endpoint may be asked."""
        return self._clock() >= self._until

    @property
    def retry_after_s(self) -> float:
        """Seconds until it may be asked; 0 where it may be asked now."""
        return max(0.0, self._until - self._clock())

    def record_failure(self, error: ProviderError) -> None:
        """Take note of a failure. One that says nothing of the endpoint does not close it."""
        self.last_error = error
        self._failures += 1
        self._until = self._clock() + self._pause_s(error)

    def record_success(self) -> None:
        self.last_error = None
        self._failures = 0
        self._until = 0.0

    def _pause_s(self, error: ProviderError) -> float:
        if isinstance(error, ContextLengthExceeded):
            return 0.0
        if isinstance(error, _HOPELESS):
            return PERMANENT_BACKOFF_S
        if error.retry_after_s is not None:
            return min(max(error.retry_after_s, 0.0), PERMANENT_BACKOFF_S)
        if isinstance(error, RateLimited):
            return RATE_LIMIT_BACKOFF_S
        if isinstance(error, _PASSING):
            return float(min(LONGEST_S, FIRST_S * 2 ** (self._failures - 1)))
        return 0.0
