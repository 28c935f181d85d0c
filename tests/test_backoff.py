"""How long a failing endpoint is left alone."""

from __future__ import annotations

import pytest

from devstral_lsp.backoff import HOPELESS_S, LONGEST_S, RATE_S, Backoff
from devstral_lsp.errors import (
    Busy,
    ContextTooLong,
    KeyRefused,
    ModelUnknown,
    NoAllowance,
    NoFim,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
    WrongHost,
)
from tests.support.scripted import ManualClock


def closed_for(*errors: ProviderError) -> float:
    """Seconds that the endpoint is left alone after these failures, one after another."""
    clock = ManualClock()
    backoff = Backoff(lambda: clock.now_s)
    for error in errors:
        clock.now_s = 10_000.0
        backoff.failed(error)
    waited = 0.0
    while not backoff.open:
        clock.now_s += 0.5
        waited += 0.5
    return waited


@pytest.mark.parametrize(
    ("errors", "seconds"),
    [
        ([Unreachable("")], 1),
        ([Unreachable("")] * 3, 4),
        ([Busy("")] * 20, LONGEST_S),
        ([Busy("", retry_after_s=7)], 7),
        ([RateLimited("")], RATE_S),
        ([RateLimited("", retry_after_s=45)], 45),
        ([RateLimited("", retry_after_s=9e9)], HOPELESS_S),
        ([RateLimited("", retry_after_s=-3)], 0),
        ([ContextTooLong("")], 0),
        ([Rejected("")], 0),
        *[
            ([error("")], HOPELESS_S)
            for error in (Unauthorized, WrongHost, KeyRefused, NoAllowance, ModelUnknown, NoFim)
        ],
    ],
)
def test_pause(errors: list[ProviderError], seconds: float) -> None:
    assert closed_for(*errors) == seconds


def test_success_opens_it_at_once() -> None:
    backoff = Backoff(lambda: 0.0)
    backoff.failed(Unauthorized(""))
    assert not backoff.open
    backoff.succeeded()
    assert backoff.open
    assert backoff.reason is None
