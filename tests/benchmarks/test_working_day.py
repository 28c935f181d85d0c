"""A short working day on each plan: the server never refuses, and what matters is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.working_day import Day
from devstral_lsp.usage.plans import PLANS

pytestmark = pytest.mark.long


@pytest.mark.parametrize("plan", PLANS)
async def test_no_request_is_refused_that_could_be_foreseen(tmp_path: Path, plan: str) -> None:
    figures = await Day(plan, tmp_path).run(hours=0.15)
    assert figures.refused_by_server == 0
    assert 0 < figures.most_in_a_minute <= PLANS[plan].requests_per_minute
    pauses = figures.share("pause over 0.6 s")
    assert pauses >= figures.share("within a word") >= figures.share("speculation")
    assert pauses > {"free": 0.02, "build": 0.9, "scale": 0.99}[plan]


async def test_a_cap_on_money_is_never_exceeded(tmp_path: Path) -> None:
    figures = await Day("scale", tmp_path, caps={"usd_per_day": 0.002}).run(hours=0.15)
    assert 0 < figures.usd <= 0.002
