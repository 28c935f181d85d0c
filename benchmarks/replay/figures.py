"""The numbers of a session, from what was recorded. Pure. Definitions stand in `__main__`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.replay.records import Cost, ModelCall, Played, Record
from benchmarks.replay.typist import PAUSE_S

TIERS = ("remembered", "joined", "asked", "local")
"""The words of devstral-lsp's completion engine."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. `value` is None where nothing was there to measure."""

    name: str
    value: float | None
    unit: str = ""


def figures(played: Played) -> list[Figure]:
    """All figures of a session, in the order of the report."""
    return [
        *_gains(played.records),
        *_speed(played.records),
        *_requests(played.records, played.calls),
        *_tiers(played.records),
        *_tokens(played.records, played.calls),
        *_costs(played.cost),
    ]


def merge(parts: Sequence[Played]) -> Played:
    """Sessions played side by side as one: CPU adds up, memory and wall time are the largest."""
    costs = [part.cost for part in parts]
    return Played(
        [record for part in parts for record in part.records],
        [call for part in parts for call in part.calls],
        Cost(
            sum(cost.cpu_s for cost in costs),
            max(cost.peak_rss_mb for cost in costs),
            max(cost.wall_s for cost in costs),
        ),
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of the values do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _gains(records: list[Record]) -> list[Figure]:
    keys = sum(record.trace_keys for record in records)
    shows = [show for record in records for show in record.shows]
    gained = sum(record.gained_keys for record in records)
    return [
        Figure("keystrokes saved", percent(gained, keys), "%"),
        Figure("keys of the traces", keys),
        Figure("keys pressed", sum(record.presses for record in records)),
        Figure("accepted", sum(record.accepts for record in records)),
        Figure("ghost texts shown", len(shows)),
        Figure("of them right", percent(sum(show.right for show in shows), len(shows)), "%"),
        Figure("flickers", sum(record.flickers for record in records)),
        Figure("ghost texts withdrawn", sum(record.withdrawn for record in records)),
    ]


def _speed(records: list[Record]) -> list[Figure]:
    after_key = [show.after_key_ms for record in records for show in record.shows]
    pauses = [pause for record in records for pause in record.pauses]
    came = [pause.ghost_after_ms for pause in pauses if not pause.standing]
    late = [ms for ms in came if ms is not None]
    soon = sum(ms <= 1000 * PAUSE_S for ms in late)
    standing = sum(pause.standing for pause in pauses)
    return [
        Figure("key → ghost p50", percentile(after_key, 0.50), "ms"),
        Figure("key → ghost p95", percentile(after_key, 0.95), "ms"),
        Figure("pauses over 0.6 s", len(pauses)),
        Figure("pauses answered", percent(standing + len(late), len(pauses)), "%"),
        Figure("  ghost stood already", percent(standing, len(pauses)), "%"),
        Figure("  at the latest after 0.6 s", percent(standing + soon, len(pauses)), "%"),
        Figure("pause → ghost p50", percentile(late, 0.50), "ms"),
        Figure("pause → ghost p95", percentile(late, 0.95), "ms"),
    ]


def _requests(records: list[Record], calls: list[ModelCall]) -> list[Figure]:
    presses = sum(record.presses for record in records)
    aborted = [call for call in calls if not call.complete]
    silent = sum(not call.generated_tokens for call in aborted)
    return [
        Figure("editor requests / 100 keys", percent(sum(r.requests for r in records), presses)),
        Figure("upstream requests / 100 keys", percent(len(calls), presses)),
        Figure("aborted", percent(len(aborted), len(calls)), "%"),
        Figure("  before the first token", percent(silent, len(calls)), "%"),
        Figure("asked outside the trace", sum(not call.placed for call in calls)),
        Figure("failures shown to the user", sum(record.failures for record in records)),
    ]


def _tiers(records: list[Record]) -> list[Figure]:
    """Where answers with a text come from, for servers that tell."""
    told: Counter[str] = sum((record.tiers for record in records), Counter())
    return [Figure(f"answers {tier}", percent(told[tier], told.total()), "%") for tier in TIERS]


def _tokens(records: list[Record], calls: list[ModelCall]) -> list[Figure]:
    prompted = sum(call.prompt_tokens for call in calls)
    cached = sum(call.cached_tokens for call in calls)
    generated = sum(call.generated_tokens for call in calls)
    accepted = sum(record.accepted_tokens for record in records)
    return [
        Figure("prompt tokens", prompted),
        Figure("  served by a prefix cache", percent(cached, prompted), "%"),
        Figure("  outside the prefix cache", prompted - cached),
        Figure("tokens generated", generated),
        Figure("  wasted", percent(max(0, generated - accepted), generated), "%"),
    ]


def _costs(cost: Cost) -> list[Figure]:
    return [
        Figure("CPU of the server", cost.cpu_s, "s"),
        Figure("peak memory", cost.peak_rss_mb, "MB"),
        Figure("wall time", cost.wall_s, "s"),
    ]
