"""Backoff: how long to pause requests to an endpoint after a failure."""

from __future__ import annotations

from collections.abc import Callable

from devstral_lsp.errors import (
    BudgetExceeded,
    ContentRefused,
    ContextLengthExceeded,
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    InvalidResponse,
    KeyNotSent,
    ModelNotFound,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)

PERMANENT_BACKOFF_S = 300.0
"""A wrong key or model stays wrong until a setting changes, and that resets the backoff."""

RATE_LIMIT_BACKOFF_S = 10.0
"""Copilot's pause after a 429 that does not say how long."""

MIN_PAUSE_S, MAX_PAUSE_S = 1.0, 60.0
"""For temporary failures, doubled each time. Mistral's rate limit windows are a minute long. The
first is also what an endpoint is left alone for at least: some ask for a pause of 0 s."""

_MAX_DOUBLINGS = 10
"""More change nothing, and some thousand are more than a float can hold."""

_PERMANENT = (Unauthorized, KeyNotSent, QuotaExhausted, ModelNotFound, FimNotSupported)
_TEMPORARY = (ServerOverloaded, EndpointUnreachable, InvalidResponse)
REQUEST_ERRORS = (ContextLengthExceeded, InvalidRequest, ContentRefused)
"""Failures that say nothing about the endpoint: another request may succeed at once."""


class Backoff:
    """Remembers failures of one endpoint. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = 0.0
        self._failures = 0
        self.last_error: ProviderError | None = None
        """The failure that caused the current pause; None after a success."""

    @property
    def is_closed(self) -> bool:
        """Whether requests may be sent."""
        return self._clock() >= self._until

    @property
    def retry_after_s(self) -> float:
        """Seconds until requests may be sent; 0 if now."""
        return max(0.0, self._until - self._clock())

    def record_failure(self, error: ProviderError) -> None:
        """Record a failure. One that says nothing about the endpoint neither pauses nor counts."""
        if isinstance(error, (*REQUEST_ERRORS, BudgetExceeded)):
            self.last_error = error if self.is_closed else self.last_error
            return
        self.last_error = error
        self._failures += 1
        self._until = max(self._until, self._clock() + self._pause_s(error))

    def record_success(self) -> None:
        self.last_error = None
        self._failures = 0
        self._until = 0.0

    def _pause_s(self, error: ProviderError) -> float:
        if isinstance(error, _PERMANENT):
            return PERMANENT_BACKOFF_S
        doubled_s = min(MAX_PAUSE_S, MIN_PAUSE_S * 2.0 ** min(self._failures - 1, _MAX_DOUBLINGS))
        if error.retry_after_s is not None:
            least_s = MIN_PAUSE_S if error.retry_after_s > 0 else doubled_s
            return min(max(error.retry_after_s, least_s), PERMANENT_BACKOFF_S)
        if isinstance(error, RateLimited):
            return RATE_LIMIT_BACKOFF_S
        return doubled_s if isinstance(error, _TEMPORARY) else MIN_PAUSE_S
