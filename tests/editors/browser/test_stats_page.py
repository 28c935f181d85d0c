"""The page of `stats --html` in a real Chromium: its charts are drawn, under its own policy."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.usage.ledger import reading
from devstral_lsp.usage.page import render_page
from devstral_lsp.usage.plans import limits_of
from devstral_lsp.usage.statistics import gather_statistics
from tests.editors.vscode.window import CHROMIUM, FLAGS
from tests.support.ledgers import fill

pytestmark = [
    pytest.mark.editors,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium"),
]

DRAWN = re.compile(r'<html lang="en" data-charts="(\d)">')


def run_chromium(page: Path, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page, headless; standard error has its console."""
    command = [
        *(CHROMIUM, "--headless=new", *FLAGS, f"--user-data-dir={profile}"),
        *("--enable-logging=stderr", "--v=0", *options, page.as_uri()),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=50)


def written(
    folder: Path, *, days: int, limits: LimitSettings | None = None, is_priced: bool = True
) -> Path:
    """The page of a ledger with so many days."""
    fill(folder, days, is_priced=is_priced)
    with reading(folder) as connection:
        assert connection is not None
        page = folder / "page.html"
        statistics, caps = gather_statistics(connection, 0), limits_of(limits or LimitSettings())
        page.write_text(render_page(statistics, caps), encoding="utf-8")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_drawn_and_nothing_is_refused(tmp_path: Path, scheme: str) -> None:
    page = written(tmp_path, days=21)
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    seen = run_chromium(page, tmp_path / "profile", *dark, "--dump-dom")
    drawn = DRAWN.search(seen.stdout)
    assert drawn, seen.stderr
    assert drawn[1] == "6"
    assert seen.stdout.count("<canvas ") == 6
    assert re.search(r"<b>\d+ %</b><span>of \d+ suggestions accepted</span>", seen.stdout)
    assert "CONSOLE" not in seen.stderr, seen.stderr


@pytest.mark.parametrize(
    ("limits", "is_priced", "words", "columns"),
    [
        (LimitSettings(), True, "What requests cost", "spent"),
        (LimitSettings(usd_per_day=0.5), True, "What requests cost", "spent</th><th>cap"),
        (LimitSettings(usd_per_day=0.5), False, "In tokens, as no price is known.", "spent"),
        (LimitSettings(tokens_per_day=90), False, "In tokens", "spent</th><th>cap"),
    ],
)
def test_what_a_day_costs_stands_beside_its_cap(
    tmp_path: Path, limits: LimitSettings, is_priced: bool, words: str, columns: str
) -> None:
    page = written(tmp_path, days=5, limits=limits, is_priced=is_priced)
    seen = run_chromium(page, tmp_path / "profile", "--dump-dom")
    spend = seen.stdout.partition("<figcaption>Spend by day</figcaption>")[2]
    spend = spend.partition("</figure>")[0]
    assert words in spend, seen.stderr
    assert f"<tr><th></th><th>{columns}</th></tr>" in spend
    assert re.search(r"<td>\$0\.\d{4}</td>" if is_priced else r"<td>\d+,\d{3}</td>", spend)
    assert "CONSOLE" not in seen.stderr, seen.stderr


def test_a_policy_that_is_broken_would_be_seen(tmp_path: Path) -> None:
    page = written(tmp_path, days=3)
    page.write_text(page.read_text(encoding="utf-8").replace("sha256-", "sha256-x"), "utf-8")
    seen = run_chromium(page, tmp_path / "profile", "--dump-dom")
    assert DRAWN.search(seen.stdout) is None
    assert "Content Security Policy" in seen.stderr
