"""The statistics of a ledger: counted by SQLite, as one value that is also the JSON of `stats`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

GROUPINGS: Mapping[str, str] = {
    "model": "coalesce(nullif(model, ''), provider, '-')",
    "language": "coalesce(language, '-')",
    "day": "date(at_s, 'unixepoch', 'localtime')",
    "editor": "coalesce(editor, '-')",
}
"""What may follow `--by`, and its expression."""

STAGES = ("debounce_ms", "context_ms", "first_text_ms", "total_ms")
"""Columns of the time that a shown suggestion took, by stage, in ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTotals:
    """Of all, or of one group. Lengths are in code points, costs in US dollars.

    `accepted` and `shown` count suggestions, each once however long it was typed along with;
    `stands` of `watched` acceptances stood after 300 s, or when they were last seen. `cost_usd` is
    None where no price is known, and `unpriced` counts requests without one.
    """

    group: str = ""
    keystrokes: int = 0
    shown: int = 0
    accepted: int = 0
    rejected: int = 0
    characters: int = 0
    watched: int = 0
    stands: int = 0
    requests: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    unpriced: int = 0

    @property
    def acceptance(self) -> float | None:
        """Accepted of shown; None if none was shown."""
        return self.accepted / self.shown if self.shown else None

    @property
    def standing(self) -> float | None:
        """Of the acceptances that were watched, how many still stand."""
        return self.stands / self.watched if self.watched else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageStatistics:
    """What `stats` tells.

    `outcomes` and `tiers` are counts by name, the largest first. `filters` tells how often each
    dropped and changed a suggestion, `latency` the median and the 95th percentile by stage, in ms.
    `days` are those of UTC, as for the caps.
    """

    since_s: float
    total: UsageTotals
    grouping: str
    groups: Sequence[UsageTotals]
    days: Sequence[UsageTotals]
    languages: Sequence[UsageTotals]
    outcomes: Mapping[str, int]
    tiers: Mapping[str, int]
    filters: Mapping[str, tuple[int, int]]
    latency: Mapping[str, tuple[float, float]]

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "since": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.since_s)),
            "total": _totals_json(self.total),
            f"by_{self.grouping}": [_totals_json(each) for each in self.groups],
            "outcomes": dict(self.outcomes),
            "tiers": dict(self.tiers),
            "filters": {
                name: {"dropped": dropped, "changed": changed}
                for name, (dropped, changed) in self.filters.items()
            },
            "latency_ms": {
                stage: {"p50": p50, "p95": p95} for stage, (p50, p95) in self.latency.items()
            },
        }


def gather_statistics(
    connection: sqlite3.Connection, since_s: float, grouping: str = "day"
) -> UsageStatistics:
    """What the ledger says of the time from `since_s` (Unix time) on.

    `grouping` is one of GROUPINGS.
    """
    totals = _totals(connection, since_s, "'all'")
    return UsageStatistics(
        since_s=since_s,
        total=totals[0] if totals else UsageTotals(group="all"),
        grouping=grouping,
        groups=_totals(connection, since_s, GROUPINGS[grouping]),
        days=_totals(connection, since_s, "date(at_s, 'unixepoch')"),
        languages=_totals(connection, since_s, GROUPINGS["language"]),
        outcomes=_counts(connection, since_s, "outcome"),
        tiers=_counts(connection, since_s, "tier"),
        filters=_filters(connection, since_s),
        latency={
            stage: measured
            for stage in STAGES
            if (measured := _percentiles(connection, since_s, stage)) is not None
        },
    )


def _totals(connection: sqlite3.Connection, since_s: float, group: str) -> list[UsageTotals]:
    """The totals of each group of opportunities, and of the requests made for them."""
    found: dict[str, dict[str, float | None]] = {}
    for query in (_SUGGESTIONS, _ACCEPTANCES, _REQUESTS):
        cursor = connection.execute(query.format(group=group), (since_s,))
        names = [each[0] for each in cursor.description]
        for row in cursor:
            found.setdefault(row[0], {}).update(zip(names[1:], row[1:], strict=True))
    return [
        UsageTotals(
            group=name,
            cost_usd=each.pop("cost_usd", None),
            **{column: int(value or 0) for column, value in each.items()},
        )
        for name, each in sorted(found.items())
    ]


_SUGGESTIONS = """
    SELECT {group} AS grouped, count(*) AS keystrokes, sum(outcome = 'shown') AS shown
    FROM opportunities WHERE at_s >= ? GROUP BY grouped
"""

_ACCEPTANCES = """
    WITH became AS (
        SELECT opportunity, max(became IN ('accepted', 'partly')) AS accepted,
            max(became = 'rejected') AS rejected,
            sum(CASE WHEN became IN ('accepted', 'partly') THEN length ELSE 0 END) AS characters,
            max(after_s) AS last_s
        FROM acceptances GROUP BY opportunity
    ), stood AS (
        SELECT became.opportunity, min(stands) AS stands FROM became
        JOIN acceptances ON acceptances.opportunity = became.opportunity
            AND acceptances.after_s = became.last_s
        GROUP BY became.opportunity
    )
    SELECT {group} AS grouped, sum(accepted) AS accepted,
        sum(rejected AND NOT accepted) AS rejected, sum(characters) AS characters,
        count(stood.stands) AS watched, sum(stood.stands) AS stands
    FROM opportunities JOIN became ON became.opportunity = id
    LEFT JOIN stood ON stood.opportunity = id
    WHERE at_s >= ? GROUP BY grouped
"""

_REQUESTS = """
    SELECT {group} AS grouped, count(*) AS requests, sum(status >= 300 OR status = 0) AS failed,
        sum(prompt_tokens) AS prompt_tokens, sum(cached_tokens) AS cached_tokens,
        sum(completion_tokens) AS completion_tokens, sum(cost_usd) AS cost_usd,
        sum(cost_usd IS NULL) AS unpriced
    FROM (
        SELECT requests.*, language, editor FROM requests
        LEFT JOIN opportunities ON id = opportunity
    ) WHERE at_s >= ? GROUP BY grouped
"""


def _counts(connection: sqlite3.Connection, since_s: float, column: str) -> dict[str, int]:
    """How often each value of a column was met."""
    query = (
        f"SELECT {column}, count(*) AS n FROM opportunities"
        f" WHERE at_s >= ? AND {column} IS NOT NULL GROUP BY {column} ORDER BY n DESC"
    )
    return dict(connection.execute(query, (since_s,)).fetchall())


def _filters(connection: sqlite3.Connection, since_s: float) -> dict[str, tuple[int, int]]:
    """How often each filter dropped a suggestion, and how often it changed one."""
    dropped: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    rows = "SELECT {}, count(*) FROM opportunities WHERE at_s >= ? {} GROUP BY 1"
    for name, count in connection.execute(
        rows.format("detail", "AND outcome = 'filtered' AND detail NOT NULL"), (since_s,)
    ):
        dropped[name] += count
    for names, count in connection.execute(rows.format("filters", "AND filters <> ''"), (since_s,)):
        changed.update(dict.fromkeys(names.split(","), count))
    both = dropped + changed
    names = sorted(both, key=lambda name: (-dropped[name], -changed[name], name))
    return {name: (dropped[name], changed[name]) for name in names}


def _percentiles(
    connection: sqlite3.Connection, since_s: float, column: str
) -> tuple[float, float] | None:
    """The median and the 95th percentile of a stage, over the suggestions shown."""
    where = f"FROM opportunities WHERE at_s >= ? AND outcome = 'shown' AND {column} IS NOT NULL"
    (count,) = connection.execute(f"SELECT count(*) {where}", (since_s,)).fetchone()
    if not count:
        return None
    ranked = f"SELECT {column} {where} ORDER BY {column} LIMIT 1 OFFSET ?"
    p50, p95 = (
        float(connection.execute(ranked, (since_s, (count - 1) * share // 100)).fetchone()[0])
        for share in (50, 95)
    )
    return p50, p95


def _totals_json(totals: UsageTotals) -> dict[str, object]:
    fields = {name: getattr(totals, name) for name in UsageTotals.__dataclass_fields__}
    return {**fields, "acceptance": totals.acceptance, "standing": totals.standing}
