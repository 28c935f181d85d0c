"""The report: tables for people, JSON for machines, and the holes themselves for who mends things.

Only prints and writes what it is given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.holes.figures import Figure, Result, figures, interval, ratio_interval, share
from benchmarks.holes.judge import Judged

REACH_EXACT = 1.15
REACH_BAD = 0.20
"""Of the naive prompt's: at least so many exact, at most so many that repeat or break."""

_NAME = 32
_COLUMN = 24
_LINES_SHOWN = 4


def main_table(columns: Mapping[str, Sequence[Result]], seed: int) -> str:
    """One row per figure, one column per way of asking."""
    lines = [" " * _NAME + "".join(f"{name:>{_COLUMN}}" for name in columns)]
    told = [figures(results, seed) for results in columns.values()]
    for row in zip(*told, strict=True):
        lines.append(
            f"{row[0].name:<{_NAME}}" + "".join(f"{_told(figure):>{_COLUMN}}" for figure in row)
        )
    return "\n".join(lines)


def group_table(columns: Mapping[str, Sequence[Result]], seed: int) -> str:
    """Exact match and what is bad, per kind of hole, per language, and per both."""
    head = "".join(f"{name + ': exact':>26}{'repeat or break':>17}" for name in columns)
    lines = [f"{'':<28}{'holes':>6}{head}"]
    for title, belongs in _groups(next(iter(columns.values()))):
        cells = ""
        size = 0
        for results in columns.values():
            group = [result for result in results if belongs(result)]
            size = len(group)
            cells += f"{_exact(group, seed):>26}{_percent(share(group, _bad)):>17}"
        lines.append(f"{title:<28}{size:>6}{cells}")
    return "\n".join(lines)


def ratios(engine: Sequence[Result], naive: Sequence[Result], name: str, seed: int) -> str:
    """The engine held against `name`, a naive way, on the same holes, and what is to be reached."""
    rows = [
        ("exact, as far as shown", lambda judged: judged.right, f"at least {REACH_EXACT}"),
        ("exact first line", lambda judged: judged.first_line, ""),
        ("exact, whole hole", lambda judged: judged.whole, ""),
        ("repeating the suffix", lambda judged: judged.repeats, ""),
        ("breaking the parse", lambda judged: bool(judged.broken), ""),
        ("one or the other", _bad, f"at most {REACH_BAD}"),
    ]
    told = [_ratio(what, measure, reach, (engine, naive), seed) for what, measure, reach in rows]
    return "\n".join([f"engine : {name}", *told])


def ablation_table(variants: Mapping[str, Sequence[Result]], seed: int) -> str:
    """What changes when one part is switched off; the first variant is the engine as it is."""
    base = next(iter(variants.values()))
    names = ("exact", "whole", "shown", "repeat", "break", "texts that differ")
    lines = [f"{'':<44}" + "".join(f"{name:>10}" for name in names)]
    for name, results in variants.items():
        differ = sum(
            one.asked.suggestion != other.asked.suggestion
            for one, other in zip(base, results, strict=True)
        )
        shares = [share(results, measure) for measure in _ABLATED]
        cells = "".join(f"{_percent(value):>10}" for value in shares)
        lines.append(f"{name:<44}{cells}{differ:>10}")
    return "\n".join(lines)


def examples(results: Sequence[Result], count: int) -> str:
    """`count` holes where nothing right was shown, those first where the product is to blame."""
    wrong = [result for result in results if not result.judged.right]
    wrong.sort(key=lambda result: (not result.spoiled, not result.judged.bad))
    return "\n\n".join(_example(result) for result in wrong[:count])


def write_json(
    path: Path, conditions: Mapping[str, Any], columns: Mapping[str, Sequence[Result]], seed: int
) -> None:
    """Figures and every hole. The texts are the corpus's own and the model's."""
    document = {
        "conditions": dict(conditions),
        "figures": {
            name: [asdict(figure) for figure in figures(results, seed)]
            for name, results in columns.items()
        },
        "holes": {name: [_row(result) for result in results] for name, results in columns.items()},
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _bad(judged: Judged) -> bool | None:
    return judged.bad


_ABLATED: tuple[Callable[[Judged], bool | None], ...] = (
    lambda judged: judged.right,
    lambda judged: judged.whole,
    lambda judged: judged.shown,
    lambda judged: judged.repeats,
    lambda judged: judged.broken,
)


def _groups(results: Sequence[Result]) -> list[tuple[str, Callable[[Result], bool]]]:
    kinds = sorted({result.hole.kind.value for result in results})
    languages = sorted({result.hole.file.language for result in results})
    groups: list[tuple[str, Callable[[Result], bool]]] = [("all", lambda _: True)]
    groups += [(kind, _of(kind=kind)) for kind in kinds]
    if len(languages) > 1:
        groups += [(language, _of(language=language)) for language in languages]
        groups += [
            (f"  {language}, {kind}", _of(kind, language))
            for language in languages
            for kind in kinds
        ]
    return groups


def _of(kind: str = "", language: str = "") -> Callable[[Result], bool]:
    def belongs(result: Result) -> bool:
        return kind in ("", result.hole.kind.value) and language in ("", result.hole.file.language)

    return belongs


def _exact(results: Sequence[Result], seed: int) -> str:
    values = [100.0 * result.judged.right for result in results]
    bounds = interval(values, seed)
    if bounds is None:
        return "–"
    return f"{sum(values) / len(values):.1f} % [{bounds[0]:.0f}, {bounds[1]:.0f}]"


def _ratio(
    name: str,
    measure: Callable[[Judged], bool | None],
    reach: str,
    both: tuple[Sequence[Result], Sequence[Result]],
    seed: int,
) -> str:
    one, other = ([float(bool(measure(r.judged))) for r in results] for results in both)
    told = f"{sum(one):.0f} : {sum(other):.0f}"
    value = f"{sum(one) / sum(other):.2f}" if sum(other) else "–"
    bounds = ratio_interval(one, other, seed)
    within = f"[{bounds[0]:.2f}, {bounds[1]:.2f}]" if bounds else ""
    return f"{name:<{_NAME}}{told:>12}{value:>8} {within:<16}{reach}".rstrip()


def _told(figure: Figure) -> str:
    if figure.value is None:
        return "not measured"
    number = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.2f}"
    if figure.unit == "%":
        number = f"{figure.value:.1f}"
    within = f" [{figure.interval[0]:.0f}, {figure.interval[1]:.0f}]" if figure.interval else ""
    return f"{number} {figure.unit}".strip() + within


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def _example(result: Result) -> str:
    hole, judged = result.hole, result.judged
    before = "\n".join(hole.before.split("\n")[-_LINES_SHOWN:])
    after = "\n".join(hole.after.split("\n")[:_LINES_SHOWN])
    raw = result.asked.heard.text if result.asked.heard else ""
    marks = [name for name in ("repeats", "broken") if getattr(judged, name)]
    if result.spoiled:
        marks.append("spoiled")
    head = f"{hole.file.name}:{hole.line}  {hole.kind.value}  {' '.join(marks)}".rstrip()
    return (
        f"── {head}\n{before}│{after}\n"
        f"   truth  {hole.truth!r}\n   raw    {raw!r}\n   shown  {result.asked.suggestion!r}"
    )


def _row(result: Result) -> dict[str, Any]:
    hole, asked = result.hole, result.asked
    return {
        "file": hole.file.name,
        "language": hole.file.language,
        "kind": hole.kind.value,
        "line": hole.line,
        "span": [hole.start, hole.end],
        "truth": hole.truth,
        "raw": asked.heard.text if asked.heard else None,
        "said": asked.suggestion.text,
        "covers": asked.suggestion.covers,
        "latency_ms": asked.latency_ms,
        "prompt_tokens": asked.prompt_tokens,
        "generated_tokens": asked.generated_tokens,
        "failure": asked.failure,
        "spoiled": result.spoiled,
        **asdict(result.judged),
    }
