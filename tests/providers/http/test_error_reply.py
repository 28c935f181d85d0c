"""How long an endpoint asks to be left alone, from whichever header says it."""

from __future__ import annotations

import httpx
import pytest

from devstral_lsp.providers.http.error_reply import MAX_WAIT_S, retry_after_s

NOW_S = 1_792_000_000.0  # Wed, 14 Oct 2026 17:46:40 GMT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"Retry-After": "Wed, 14 Oct 2026 17:47:10 GMT"}, 30),
        ({"Retry-After": "Wed, 14 Oct 2026 17:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "1e9"}, MAX_WAIT_S),
        ({"ratelimitbysize-reset": "38"}, 38),
        ({"Retry-After": "soon", "RateLimitBySize-Reset": "38"}, 38),
    ],
)
def test_the_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(httpx.Headers(headers), now_s=NOW_S) == seconds
