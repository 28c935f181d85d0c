"""Characters per token: learned from usage, in steps."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.token_ratio import FIRST, MAX_SIZE, MIN_SIZE, CharactersPerToken
from devstral_lsp.providers.metering import Usage


def learned(*reports: tuple[int, int]) -> CharactersPerToken:
    ratio = CharactersPerToken()
    for characters, tokens in reports:
        ratio.learn(characters, Usage(prompt_tokens=tokens))
    return ratio


def test_it_comes_to_what_the_endpoint_counts() -> None:
    assert learned(*[(4500, 1000)] * 40).value == pytest.approx(4.5, abs=0.25)


def test_small_differences_change_nothing() -> None:
    assert learned(*[(3300, 1000)] * 40).value == FIRST


def test_it_moves_in_few_steps() -> None:
    ratio = CharactersPerToken()
    values = set()
    for _ in range(100):
        ratio.learn(4500, Usage(prompt_tokens=1000))
        values.add(ratio.value)
    assert len(values) <= 6


@pytest.mark.parametrize("report", [(0, 0), (50, 20), (10_000, 0)])
def test_short_prompts_and_missing_counts_say_nothing(report: tuple[int, int]) -> None:
    assert learned(*[report] * 40).value == FIRST


@pytest.mark.parametrize(("report", "limit"), [((10, 1000), MIN_SIZE), ((10**6, 100), MAX_SIZE)])
def test_it_has_limits(report: tuple[int, int], limit: float) -> None:
    assert learned(*[report] * 60).value == pytest.approx(limit, abs=0.25)
