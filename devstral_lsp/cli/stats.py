"""`devstral-lsp stats`: the cost and acceptance of suggestions, from the ledger."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.cli.terminal import print_result, write_json
from devstral_lsp.config.readers import state_folder
from devstral_lsp.errors import ConfigError
from devstral_lsp.usage.ledger import forget, reading
from devstral_lsp.usage.plans import Limit, limits_of
from devstral_lsp.usage.statistics import (
    GROUPINGS,
    UsageStatistics,
    UsageTotals,
    gather_statistics,
)

BAR_WIDTH = 24
"""Columns of a full bar."""

_SPAN = re.compile(r"([0-9]{1,5})([hdw])")
_SECONDS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
_STAGES = {
    "debounce_ms": "pause in typing",
    "context_ms": "context",
    "first_text_ms": "first text",
    "total_ms": "until shown",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to count, and how to show it."""
    parser.add_argument(
        "--since",
        metavar="TIME",
        default="30d",
        help="the start: 12h, 7d, 4w, or a date such as 2026-11-30 (default: 30d)",
    )
    parser.add_argument(
        "--by", choices=tuple(GROUPINGS), default="day", help="what to group by (default: day)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print it as JSON")
    form.add_argument(
        "--html", metavar="FILE", help="write a page with charts, which needs no network"
    )
    form.add_argument("--forget", action="store_true", help="delete the ledger")


def run(arguments: argparse.Namespace) -> int:
    """Show the statistics. Raises ConfigError for a time that cannot be read."""
    folder = state_folder(os.environ)
    if arguments.forget:
        print_result("The ledger is deleted." if forget(folder) else "There is no ledger.")
        return 0
    since_s = parse_since(arguments.since, time.time())
    with reading(folder) as ledger:
        if ledger is None:
            raise ConfigError(
                "There is no ledger yet. A server writes it while you type in your editor, "
                "unless usage.enabled is false."
            )
        statistics = gather_statistics(ledger, since_s, arguments.by)
    if arguments.html:
        limits = load_settings(Path.cwd(), os.environ).settings.limits
        _write_page(arguments.html, statistics, limits_of(limits))
    elif arguments.json:
        write_json(statistics.as_json(), indent=2)
    else:
        print_result("\n".join(_report(statistics)))
    return 0


def _write_page(name: str, statistics: UsageStatistics, limits: Sequence[Limit]) -> None:
    """Write the page. Raises ConfigError if the file cannot be written."""
    from devstral_lsp.usage.page import render_page

    path = Path(name)
    try:
        path.write_text(render_page(statistics, limits), encoding="utf-8")
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "unknown"
        raise ConfigError(f"{name} cannot be written: {why}. Name another file.") from None
    print_result(f"Written: {path.absolute().as_uri()}")


def parse_since(written: str, now_s: float) -> float:
    """The Unix time that `12h`, `7d`, `4w` or a date means. Raises ConfigError."""
    if match := _SPAN.fullmatch(written):
        return now_s - int(match[1]) * _SECONDS[match[2]]
    try:
        return datetime.fromisoformat(written).timestamp()
    except ValueError:
        raise ConfigError(
            f'"{written}" is not a time: write 12h, 7d, 4w, or a date such as 2026-11-30.'
        ) from None


def _report(statistics: UsageStatistics) -> Iterator[str]:
    total = statistics.total
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(statistics.since_s))
    yield f"Since {since}"
    yield ""
    yield f"  shown           {total.shown:>10,}   of {total.keystrokes:,} keystrokes"
    yield f"  accepted        {total.accepted:>10,}   {_share(total.acceptance)}"
    yield f"  rejected        {total.rejected:>10,}"
    yield f"  still standing  {total.stands:>10,}   {_share(total.standing)}"
    yield f"  saved           {total.characters:>10,}   characters not typed"
    yield f"  requests        {total.requests:>10,}   {total.failed:,} failed"
    tokens = total.prompt_tokens + total.completion_tokens
    yield f"  tokens          {tokens:>10,}   {total.cached_tokens:,} of them cached"
    yield f"  cost            {_money(total)}"
    groups = [(each.group, each) for each in statistics.groups]
    yield from _section(
        f"Accepted by {statistics.grouping}", [(n, g.acceptance) for n, g in groups]
    )
    if any(each.cost_usd for _, each in groups):
        yield from _counts(
            f"Cost by {statistics.grouping}",
            {name: each.cost_usd or 0.0 for name, each in groups},
            lambda cost: f"${cost:.4f}",
        )
    yield from _counts("Where suggestions came from", statistics.tiers)
    yield from _counts("What became of keystrokes", statistics.outcomes)
    dropped = {name: dropped for name, (dropped, _) in statistics.filters.items() if dropped}
    yield from _counts("Dropped by", dropped)
    if statistics.latency:
        yield from ("", "Latency", f"  {'':18}{'median':>9}{'95 %':>9}")
        for stage, (p50, p95) in statistics.latency.items():
            yield f"  {_STAGES[stage]:18}{p50:>6.0f} ms{p95:>6.0f} ms"


def _section(title: str, rows: Sequence[tuple[str, float | None]]) -> Iterator[str]:
    known = [(name, share) for name, share in rows if share is not None]
    if not known:
        return
    yield from ("", title)
    width = max(len(name) for name, _ in known)
    for name, share in known:
        yield f"  {name:{width}}  {_bar(share)}  {_share(share)}"


def _counts(
    title: str, counts: Mapping[str, float], form: Callable[[float], str] = "{:,}".format
) -> Iterator[str]:
    if not counts:
        return
    yield from ("", title)
    most, width = max(counts.values()), max(map(len, counts))
    for name, count in counts.items():
        yield f"  {name:{width}}  {_bar(count / most if most else 0)}  {form(count)}"


def _bar(share: float) -> str:
    """A bar whose last cell is filled in eighths, if the encoding has these characters."""
    eighths = round(min(1.0, share) * BAR_WIDTH * 8)
    full, rest = divmod(eighths, 8)
    blocks = "█" * full + " ▏▎▍▌▋▊▉"[rest].strip()
    try:
        blocks.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        blocks = "#" * round(share * BAR_WIDTH)
    return f"{blocks:{BAR_WIDTH}}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _money(total: UsageTotals) -> str:
    if total.cost_usd is None:
        return f"{'-':>10}   no price is known (fim.price_prompt)" if total.requests else f"{0:>10}"
    partly = f"   without {total.unpriced:,} requests of unknown price" if total.unpriced else ""
    return f"{'$' + format(total.cost_usd, '.4f'):>10}{partly}"
