"""What is counted, and by what."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstral_lsp.usage.ledger import Ledger, LedgerRow, reading
from devstral_lsp.usage.statistics import GROUPINGS, UsageTotals, gather_statistics
from tests.support.ledgers import LANGUAGES, fill

NOW_S = 1_790_000_000.0
DAY_S = 86_400.0


def opportunity(number: int, **values: str | int | float | None) -> LedgerRow:
    known = {"id": number, "at_s": NOW_S, "outcome": "shown", "language": "go", "editor": "Nova"}
    return LedgerRow("opportunities", {**known, **values})


def request(number: int, cost_usd: float | None, **values: str | int | float) -> LedgerRow:
    tokens = {"prompt_tokens": 100, "cached_tokens": 60, "completion_tokens": 10}
    known = {"opportunity": number, "at_s": NOW_S, "status": 200, "model": "m", **tokens}
    return LedgerRow("requests", {**known, "cost_usd": cost_usd, **values})


def became(number: int, word: str, length: int = 0) -> LedgerRow:
    known = {"opportunity": number, "at_s": NOW_S, "became": word, "length": length}
    return LedgerRow("acceptances", known)


def watched(number: int, after_s: int, stands: int) -> LedgerRow:
    known = {"opportunity": number, "at_s": NOW_S + after_s, "became": "watched"}
    return LedgerRow("acceptances", {**known, "after_s": after_s, "stands": stands})


ROWS = (
    opportunity(1, debounce_ms=40.0, total_ms=200.0, tier="asked", filters="cut_prose,drop_tiny"),
    opportunity(2, debounce_ms=60.0, total_ms=400.0, tier="joined", editor="Other"),
    opportunity(3, language="rust", outcome="continued", tier="remembered"),
    opportunity(4, outcome="filtered", detail="drop_tiny"),
    opportunity(5, outcome="shown", at_s=NOW_S - 9 * DAY_S, language="old"),
    request(1, 0.25),
    request(2, None, status=503),
    request(5, 9.0, at_s=NOW_S - 9 * DAY_S),
    became(1, "partly", 4),
    became(1, "accepted", 7),
    became(2, "rejected"),
    watched(1, 30, 1),
    watched(1, 120, 0),
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    ledger = Ledger(tmp_path, keep_days=100_000)
    for row in ROWS:
        ledger.append(row)
    ledger.close()
    with reading(tmp_path) as opened:
        assert opened is not None
        yield opened


def test_the_total(connection: sqlite3.Connection) -> None:
    total = gather_statistics(connection, NOW_S - DAY_S).total
    assert total == UsageTotals(
        group="all",
        keystrokes=4,
        shown=2,
        accepted=1,
        rejected=1,
        characters=11,
        watched=1,
        stands=0,
        requests=2,
        failed=1,
        prompt_tokens=200,
        cached_tokens=120,
        completion_tokens=20,
        cost_usd=0.25,
        unpriced=1,
    )
    assert (total.acceptance, total.standing) == (0.5, 0.0)


@pytest.mark.parametrize(
    ("grouping", "groups"),
    [
        ("language", {"go": 2, "rust": 0}),
        ("editor", {"Nova": 1, "Other": 1}),
        ("model", {"-": 2, "m": 0}),
        ("day", {time.strftime("%Y-%m-%d", time.localtime(NOW_S)): 2}),
    ],
)
def test_groups(connection: sqlite3.Connection, grouping: str, groups: dict[str, int]) -> None:
    told = gather_statistics(connection, NOW_S - DAY_S, grouping)
    assert {each.group: each.shown for each in told.groups} == groups
    assert sum(each.requests for each in told.groups) == 2


def test_counts_and_times(connection: sqlite3.Connection) -> None:
    told = gather_statistics(connection, NOW_S - DAY_S)
    assert told.outcomes == {"shown": 2, "continued": 1, "filtered": 1}
    assert told.tiers == {"asked": 1, "joined": 1, "remembered": 1}
    assert told.filters == {"drop_tiny": (1, 1), "cut_prose": (0, 1)}
    assert told.latency == {"debounce_ms": (40.0, 40.0), "total_ms": (200.0, 200.0)}


def test_an_empty_ledger_has_zeros(tmp_path: Path) -> None:
    one = Ledger(tmp_path)
    one.append(opportunity(1))
    one.close()
    with reading(tmp_path) as connection:
        assert connection is not None
        told = gather_statistics(connection, NOW_S + DAY_S)
    assert told.total == UsageTotals(group="all")
    assert told.total.acceptance is None
    assert told.groups == []


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_groups_of_a_month_add_up(tmp_path: Path, grouping: str) -> None:
    fill(tmp_path)
    with reading(tmp_path) as connection:
        assert connection is not None
        told = gather_statistics(connection, 0, grouping)
    assert sum(each.shown for each in told.groups) == told.total.shown > 300
    assert sum(each.cost_usd or 0 for each in told.groups) == pytest.approx(told.total.cost_usd)
    assert {each.group for each in told.languages} == set(LANGUAGES)
