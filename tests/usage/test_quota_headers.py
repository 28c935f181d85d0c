"""What is read of the headers that tell limits: every name that has been seen or is documented."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from devstral_lsp.usage.plans import Period, Unit
from devstral_lsp.usage.quota_headers import QuotaReport, read_cost_tokens, read_quota

REQUESTS, TOKENS, MINUTE, MONTH = Unit.REQUESTS, Unit.TOKENS, Period.MINUTE, Period.MONTH

FAMILIES: Mapping[str, tuple[dict[str, str], set[QuotaReport], float | None]] = {
    "Mistral, 2024": (
        {
            "ratelimitbysize-limit": "500000",
            "ratelimitbysize-remaining": "467999",
            "ratelimitbysize-reset": "39",
            "ratelimitbysize-query-cost": "32001",
        },
        {QuotaReport(TOKENS, MINUTE, 500_000, 467_999, 39)},
        32_001,
    ),
    "Mistral, 2025": (
        {
            "x-ratelimitbysize-limit-minute": "500000",
            "x-ratelimitbysize-remaining-minute": "467999",
            "x-ratelimitbysize-limit-month": "1000000000",
            "x-ratelimitbysize-remaining-month": "999967999",
        },
        {
            QuotaReport(TOKENS, MINUTE, 500_000, 467_999),
            QuotaReport(TOKENS, MONTH, 1_000_000_000, 999_967_999),
        },
        None,
    ),
    "Mistral, 2026": (
        {
            "x-ratelimit-limit-req-minute": "60",
            "x-ratelimit-remaining-req-minute": "59",
            "x-ratelimit-limit-tokens-minute": "500000",
            "x-ratelimit-remaining-tokens-minute": "499979",
            "x-ratelimit-limit-tokens-month": "1000000000",
            "x-ratelimit-remaining-tokens-month": "999999979",
            "x-ratelimit-tokens-query-cost": "21",
        },
        {
            QuotaReport(REQUESTS, MINUTE, 60, 59),
            QuotaReport(TOKENS, MINUTE, 500_000, 499_979),
            QuotaReport(TOKENS, MONTH, 1_000_000_000, 999_999_979),
        },
        21,
    ),
    "documented by Mistral": (
        {"X-RateLimit-Remaining": "3", "Retry-After": "20"},
        {QuotaReport(REQUESTS, MINUTE, None, 3)},
        None,
    ),
    "OpenAI": (
        {
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "59",
            "x-ratelimit-reset-requests": "1s",
            "x-ratelimit-limit-tokens": "150000",
            "x-ratelimit-remaining-tokens": "149984",
            "x-ratelimit-reset-tokens": "6m0s",
        },
        {
            QuotaReport(REQUESTS, MINUTE, 60, 59, 1),
            QuotaReport(TOKENS, MINUTE, 150_000, 149_984, 360),
        },
        None,
    ),
    "LiteLLM": (
        {
            "x-ratelimit-api_key-limit-requests": "60",
            "x-ratelimit-api_key-remaining-requests": "59",
            "x-litellm-key-tpm-limit": "9000",
            "x-litellm-key-remaining-tokens-codestral-latest": "8000",
        },
        {QuotaReport(REQUESTS, MINUTE, 60, 59), QuotaReport(TOKENS, MINUTE, 9_000, 8_000)},
        None,
    ),
    "of no limit": (
        {
            "x-model-deprecation-timestamp": "1796025600",
            "x-kong-upstream-latency": "120",
            "x-envoy-upstream-service-time": "118",
            "cf-ray": "9-FRA",
        },
        set(),
        None,
    ),
    "spoiled": (
        {
            "x-ratelimit-limit-req-minute": "many",
            "x-ratelimit-remaining-tokens-minute": "-1",
            "ratelimitbysize-limit": "inf",
            "x-ratelimit-tokens-query-cost": "nan",
        },
        set(),
        None,
    ),
}


@pytest.mark.parametrize("is_loud", [False, True], ids=["as sent", "in capitals"])
@pytest.mark.parametrize(("headers", "reports", "cost"), FAMILIES.values(), ids=FAMILIES)
def test_a_family_is_read(
    headers: dict[str, str], reports: set[QuotaReport], cost: float | None, is_loud: bool
) -> None:
    told = httpx.Headers({name.upper(): value for name, value in headers.items()})
    told = told if is_loud else httpx.Headers(headers)
    assert set(read_quota(told)) == reports
    assert read_cost_tokens(told) == cost


def test_of_several_that_count_the_same_the_smallest_counts() -> None:
    headers = httpx.Headers(
        {
            "x-ratelimit-limit-tokens-minute": "500000",
            "x-ratelimit-remaining-tokens-minute": "400000",
            "ratelimitbysize-limit": "250000",
            "ratelimitbysize-remaining": "249000",
        }
    )
    assert read_quota(headers) == (QuotaReport(TOKENS, MINUTE, 250_000, 249_000),)
