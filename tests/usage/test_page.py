"""The page with the charts: it needs nothing else, and names in it are no markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.usage.ledger import Ledger, LedgerRow, reading
from devstral_lsp.usage.page import render_page
from devstral_lsp.usage.plans import limits_of
from devstral_lsp.usage.statistics import gather_statistics
from tests.support.ledgers import fill

HOSTILE = "</script><script>alert(1)</script>/*style*/"
CHARTS = Path(__file__).parents[2] / "devstral_lsp" / "usage" / "page" / "chart.umd.min.js"


class Elements(HTMLParser):
    """The elements of a page, with the text of those whose text is no markup."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open = [tag]

    def handle_data(self, data: str) -> None:
        if self._open in (["script"], ["style"]):
            self.texts.append((self._open[0], data))
            self._open = []


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("state")
    fill(folder)
    ledger = Ledger(folder)
    hostile = {"id": 10**9, "at_s": time.time(), "outcome": "shown", "language": HOSTILE}
    ledger.append(LedgerRow("opportunities", hostile))
    ledger.close()
    with reading(folder) as connection:
        assert connection is not None
        return render_page(gather_statistics(connection, 0))


def test_it_loads_nothing(page: str) -> None:
    elements = Elements(page)
    loading = {"src", "href", "srcset", "action", "data", "poster"}
    assert [each for each in elements.found if loading & each[1].keys()] == []
    assert "@import" not in page
    assert [tag for tag, _ in elements.found if tag == "script"] == ["script"] * 3


def test_its_policy_names_the_scripts_and_the_style_in_it(page: str) -> None:
    elements = Elements(page)
    (policy,) = [
        str(attributes["content"])
        for tag, attributes in elements.found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    hashed = {
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag, text in elements.texts
        if tag in ("script", "style")
    }
    named = set(re.findall(r"'sha256-([^']+)'", policy))
    assert len(named) == 3
    assert named < hashed, "all but the data"


def test_a_name_is_data_and_no_markup(page: str) -> None:
    elements = Elements(page)
    data = next(text for tag, text in elements.texts if text.startswith("{"))
    names = [each["name"] for each in json.loads(data)["languages"]]
    assert HOSTILE in names


@pytest.mark.parametrize(
    ("limits", "caps"),
    [
        (LimitSettings(), {"cost": None, "tokens": None}),
        (LimitSettings(usd_per_day=0.5), {"cost": 0.5, "tokens": None}),
        (LimitSettings(usd_per_month=5.0, tokens_per_month=9), {"cost": None, "tokens": None}),
        (LimitSettings(plan="free"), {"cost": None, "tokens": 100_000}),
        (LimitSettings(plan="free", tokens_per_day=9), {"cost": None, "tokens": 9}),
    ],
)
def test_the_caps_of_a_day_are_the_lowest_that_are_set(
    tmp_path: Path, limits: LimitSettings, caps: dict[str, float | None]
) -> None:
    fill(tmp_path, days=3)
    with reading(tmp_path) as connection:
        assert connection is not None
        page = render_page(gather_statistics(connection, 0), limits_of(limits))
    data = next(text for tag, text in Elements(page).texts if text.startswith("{"))
    assert json.loads(data)["caps"] == caps


def test_the_library_is_the_one_of_npm() -> None:
    """Unmodified: `dist/chart.umd.min.js` of chart.js 4.6.1."""
    digest = hashlib.sha256(CHARTS.read_bytes()).hexdigest()
    assert digest == FILE_HASH
    assert CHARTS.with_name("LICENSE.chartjs.md").read_text().startswith("The MIT License")


FILE_HASH = "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2"
