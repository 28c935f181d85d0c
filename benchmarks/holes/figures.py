"""The numbers of a run, from what was judged. Pure. Definitions stand in `__main__`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.holes.asking import Asked
from benchmarks.holes.judge import Judged, spoils
from benchmarks.holes.places import Hole
from benchmarks.replay.figures import percentile

RESAMPLES = 2_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Result:
    """One hole, asked and judged."""

    hole: Hole
    asked: Asked
    judged: Judged

    @property
    def spoiled(self) -> bool:
        """The model had it right, and what was shown, if anything, is not."""
        heard = self.asked.heard
        return heard is not None and spoils(self.hole, heard.text, self.judged)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. `value` is None where nothing was there to measure."""

    name: str
    value: float | None
    unit: str = ""
    interval: tuple[float, float] | None = None


Measure = Callable[[Judged], bool | None]


def figures(results: Sequence[Result], seed: int) -> list[Figure]:
    """All figures of one way of asking, in the order of the report."""
    return [
        _share("exact, as far as shown", results, lambda judged: judged.right, seed),
        _share("exact first line", results, lambda judged: judged.first_line, seed),
        _share("exact, whole hole", results, lambda judged: judged.whole, seed),
        _mean("similarity, first line", [r.judged.similarity_first for r in results]),
        _mean("similarity, whole hole", [r.judged.similarity_whole for r in results]),
        *_shown(results),
        *_parses(results),
        *_cost(results),
    ]


def share(results: Sequence[Result], measure: Measure) -> float | None:
    """How many percent of the holes `measure` holds for; those it cannot tell of are left out."""
    told = [value for result in results if (value := measure(result.judged)) is not None]
    return 100 * sum(told) / len(told) if told else None


def interval(values: Sequence[float], seed: int) -> tuple[float, float] | None:
    """Where the mean of `values` lies with CONFIDENCE, by bootstrap; None of nothing."""
    if not values:
        return None
    rng = random.Random(seed)
    size = len(values)
    means = [sum(rng.choices(values, k=size)) / size for _ in range(RESAMPLES)]
    return _middle(means)


def ratio_interval(
    one: Sequence[float], other: Sequence[float], seed: int
) -> tuple[float, float] | None:
    """Where the ratio of two sums over the same holes lies, by bootstrap over the holes.

    None if the second is nothing in too many samples to tell.
    """
    rng = random.Random(seed)
    rows = range(len(one))
    ratios = []
    for _ in range(RESAMPLES):
        picked = rng.choices(rows, k=len(one)) if one else []
        below = sum(other[row] for row in picked)
        if below:
            ratios.append(sum(one[row] for row in picked) / below)
    return _middle(ratios) if len(ratios) > RESAMPLES * CONFIDENCE else None


def _middle(values: list[float]) -> tuple[float, float]:
    values = sorted(values)
    cut = int(len(values) * (1 - CONFIDENCE) / 2)
    return values[cut], values[-1 - cut]


def _share(name: str, results: Sequence[Result], measure: Measure, seed: int) -> Figure:
    values = [100.0 * bool(measure(result.judged)) for result in results]
    return Figure(name, share(results, measure), "%", interval(values, seed))


def _mean(name: str, values: Sequence[float], unit: str = "") -> Figure:
    return Figure(name, sum(values) / len(values) if values else None, unit)


def _shown(results: Sequence[Result]) -> list[Figure]:
    shown = [result for result in results if result.judged.shown]
    return [
        Figure("shown", share(results, lambda judged: judged.shown), "%"),
        Figure("  of them exact", share(shown, lambda judged: judged.right), "%"),
        Figure("  of them in agreement", share(shown, lambda judged: judged.agrees), "%"),
        Figure("  of them repeating the suffix", share(shown, lambda judged: judged.repeats), "%"),
        Figure("  of them breaking the parse", share(shown, lambda judged: judged.broken), "%"),
        Figure("  of them one or the other", share(shown, lambda judged: judged.bad), "%"),
        _mean("right answers spoiled", [100.0 * r.spoiled for r in results], "%"),
    ]


def _parses(results: Sequence[Result]) -> list[Figure]:
    shown = [result for result in results if result.judged.shown]
    return [
        Figure("parses with the hole empty", share(shown, lambda j: j.clean_before), "%"),
        Figure("parses with what was shown", share(shown, lambda j: j.clean), "%"),
    ]


def _cost(results: Sequence[Result]) -> list[Figure]:
    asked = [result.asked for result in results]
    waits = [each.latency_ms for each in asked if each.latency_ms is not None]
    return [
        Figure("latency p50", percentile(waits, 0.50), "ms"),
        Figure("latency p95", percentile(waits, 0.95), "ms"),
        _mean("prompt tokens", [each.prompt_tokens for each in asked]),
        _mean("tokens generated", [each.generated_tokens for each in asked]),
        Figure("requests failed", sum(bool(each.failure) for each in asked)),
    ]
