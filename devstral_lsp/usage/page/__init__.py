"""The statistics as one HTML page that needs nothing else: no server, no network.

Charts are drawn by Chart.js, whose file is embedded unmodified. The page's own policy lets no
script run but the two that are in it, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from devstral_lsp.usage.plans import Limit, Period, Unit
from devstral_lsp.usage.statistics import UsageStatistics, UsageTotals

_FOLDER = Path(__file__).parent


def render_page(told: UsageStatistics, limits: Sequence[Limit] = ()) -> str:
    """The page, with the spend of each day against those of the `limits` that are caps of a day.

    Names from elsewhere, as of models, are data in it and never markup.
    """
    parts = {name: _read(name) for name in ("style.css", "chart.umd.min.js", "draw.js")}
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(parts['style.css'])}",
            f"script-src {_hash(parts['chart.umd.min.js'])} {_hash(parts['draw.js'])}",
            "base-uri 'none'; form-action 'none'",
        )
    )
    return (
        _read("page.html")
        .replace("/*policy*/", policy)
        .replace("/*style*/", parts["style.css"])
        .replace("/*charts*/", parts["chart.umd.min.js"])
        .replace("/*draw*/", parts["draw.js"])
        .replace("/*data*/", _embedded(told, limits))
    )


def _embedded(told: UsageStatistics, limits: Sequence[Limit]) -> str:
    """The data as JSON that cannot end its element."""
    data = {
        "since": time.strftime("%d %B %Y", time.localtime(told.since_s)),
        "until": time.strftime("%d %B %Y"),
        "total": _group(told.total),
        "days": [_group(each) for each in told.days],
        "caps": {"cost": _cap(limits, Unit.USD), "tokens": _cap(limits, Unit.TOKENS)},
        "languages": [_group(each) for each in told.languages],
        "tiers": told.tiers,
        "outcomes": told.outcomes,
        "filters": told.filters,
        "latency": told.latency,
    }
    return json.dumps(data).replace("<", "\\u003c")


def _cap(limits: Sequence[Limit], unit: Unit) -> float | None:
    """The most of `unit` that all limits allow in a day; None if none is about that."""
    daily = [each.most for each in limits if (each.unit, each.window) == (unit, Period.DAY)]
    return min(daily, default=None)


def _group(totals: UsageTotals) -> dict[str, object]:
    return {
        "name": totals.group,
        "keystrokes": totals.keystrokes,
        "shown": totals.shown,
        "accepted": totals.accepted,
        "acceptance": totals.acceptance,
        "standing": totals.standing,
        "characters": totals.characters,
        "requests": totals.requests,
        "failed": totals.failed,
        "tokens": totals.prompt_tokens + totals.completion_tokens,
        "cached": totals.cached_tokens,
        "cost": totals.cost_usd,
        "unpriced": totals.unpriced,
    }


def _hash(content: str) -> str:
    """As a Content-Security-Policy names an inline element."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
