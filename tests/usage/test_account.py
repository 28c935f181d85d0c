"""What a request costs. What is recorded of a day: `test_day.py`."""

from __future__ import annotations

import pytest

from devstral_lsp.providers.metering import Price, Usage
from devstral_lsp.usage.account import usd_of

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("price", "tokens", "cost"),
    [
        (Price(0.3, 0.9), (MILLION, 0, 0), 0.3),
        (Price(0.3, 0.9), (0, 0, MILLION), 0.9),
        (Price(0.3, 0.9), (MILLION, MILLION, 0), 0.3),
        (Price(0.3, 0.9, 0.03), (MILLION, MILLION, 0), 0.03),
        (Price(0.3, 0.9, 0.03), (2 * MILLION, MILLION, MILLION), 0.3 + 0.03 + 0.9),
        (Price(0.3, 0.9, 0.03), (0, MILLION, 0), 0.03),
    ],
)
def test_cached_tokens_are_part_of_the_prompt(
    price: Price, tokens: tuple[int, int, int], cost: float
) -> None:
    prompt, cached, completion = tokens
    assert usd_of(Usage(prompt, completion, cached), price) == pytest.approx(cost)
