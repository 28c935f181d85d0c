"""How long a failing endpoint is left alone."""

from __future__ import annotations

import pytest

from devstral_lsp.errors import (
    BudgetExceeded,
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
    WrongHost,
)
from devstral_lsp.providers.backoff import (
    MAX_PAUSE_S,
    PERMANENT_BACKOFF_S,
    RATE_LIMIT_BACKOFF_S,
    Backoff,
)
from tests.support.scripted import ManualClock


def closed_for(*errors: ProviderError) -> float:
    """Seconds that the endpoint is left alone after these failures, one after another."""
    clock = ManualClock()
    backoff = Backoff(lambda: clock.now_s)
    for error in errors:
        clock.now_s = 10_000.0
        backoff.record_failure(error)
    waited = 0.0
    while not backoff.is_closed:
        clock.now_s += 0.5
        waited += 0.5
    return waited


@pytest.mark.parametrize(
    ("errors", "seconds"),
    [
        ([EndpointUnreachable("")], 1),
        ([EndpointUnreachable("")] * 3, 4),
        ([ServerOverloaded("")] * 20, MAX_PAUSE_S),
        ([ServerOverloaded("", retry_after_s=7)], 7),
        ([RateLimited("")], RATE_LIMIT_BACKOFF_S),
        ([RateLimited("", retry_after_s=45)], 45),
        ([RateLimited("", retry_after_s=9e9)], PERMANENT_BACKOFF_S),
        ([RateLimited("", retry_after_s=-3)], 1),
        ([RateLimited("", retry_after_s=0)] * 3, 4),
        ([RateLimited("", retry_after_s=0.2)], 1),
        ([InvalidResponse("")] * 5, 16),
        ([InvalidRequest("")] * 5 + [EndpointUnreachable("")], 1),
        ([ContextLengthExceeded("")] * 5 + [EndpointUnreachable("")], 1),
        ([ServerOverloaded("", retry_after_s=7), InvalidRequest("")], 7),
        ([ContextLengthExceeded("")], 0),
        ([InvalidRequest("")], 0),
        *[
            ([error("")], PERMANENT_BACKOFF_S)
            for error in (
                Unauthorized,
                WrongHost,
                KeyNotSent,
                QuotaExhausted,
                ModelNotFound,
                FimNotSupported,
            )
        ],
    ],
)
def test_pause(errors: list[ProviderError], seconds: float) -> None:
    assert closed_for(*errors) == seconds


def test_success_opens_it_at_once() -> None:
    backoff = Backoff(lambda: 0.0)
    backoff.record_failure(Unauthorized(""))
    assert not backoff.is_closed
    backoff.record_success()
    assert backoff.is_closed
    assert backoff.last_error is None


def test_a_request_that_was_not_sent_is_not_why_an_endpoint_is_left_alone() -> None:
    backoff = Backoff(lambda: 0.0)
    backoff.record_failure(cause := RateLimited("", status=429))
    backoff.record_failure(BudgetExceeded(""))
    assert backoff.last_error is cause
