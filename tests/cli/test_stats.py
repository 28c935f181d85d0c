"""`devstral-lsp stats`: figures with bars, JSON, a page, and forgetting."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from devstral_lsp.cli.main import main
from devstral_lsp.cli.stats import parse_since
from devstral_lsp.config.readers import STATE_VARIABLE
from devstral_lsp.errors import ConfigError
from tests.support.ledgers import fill


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state"


def test_without_a_ledger_it_says_what_writes_one(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stats"]) == 2
    assert "There is no ledger yet. A server writes it while you type" in capsys.readouterr().err
    assert not state.exists()


def test_figures_and_bars(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(state)
    assert main(["stats", "--by", "language"]) == 0
    told = capsys.readouterr().out
    for words in ("shown ", "accepted ", "characters not typed", "still standing", "cost  "):
        assert words in told
    (python,) = [line for line in told.split("\n") if line.startswith("  python") and "%" in line]
    assert "██" in python
    assert "Accepted by language" in told
    assert "Dropped by" in told
    assert "median" in told


def test_json_holds_the_same(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(state)
    assert main(["stats", "--json", "--by", "model", "--since", "4w"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {
        *("since", "total", "by_model", "outcomes", "tiers", "filters", "latency_ms"),
    }
    assert told["total"]["acceptance"] == told["total"]["accepted"] / told["total"]["shown"]
    assert [each["group"] for each in told["by_model"]] == ["codestral-latest"]
    assert set(told["latency_ms"]["total_ms"]) == {"p50", "p95"}


def test_a_page_is_written_where_it_can_be(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(state, days=5)
    assert main(["stats", "--html", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "Written: file://" in capsys.readouterr().out
    assert main(["stats", "--html", str(tmp_path / "no" / "page.html")]) == 2
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


def test_a_page_knows_the_cap_of_the_settings(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVSTRAL_LIMITS_USD_PER_DAY", "0.25")
    fill(state, days=5)
    assert main(["stats", "--html", str(tmp_path / "page.html")]) == 0
    assert '"caps": {"cost": 0.25,' in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_forgetting(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(state, days=5)
    assert main(["stats", "--forget"]) == 0
    assert "The ledger is deleted." in capsys.readouterr().out
    assert main(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["keystrokes"] == 0


def test_since() -> None:
    assert parse_since("12h", 100_000.0) == 100_000.0 - 12 * 3600
    assert parse_since("2w", 0.0) == -14 * 86_400
    assert parse_since("2026-11-30", 0.0) == time.mktime((2026, 11, 30, 0, 0, 0, 0, 0, -1))
    with pytest.raises(ConfigError, match='"soon" is not a time: write 12h, 7d, 4w, or a date'):
        parse_since("soon", 0.0)
