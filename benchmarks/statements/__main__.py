"""python -m benchmarks.statements: of true statements that a model says, how many are shown whole.

Counts, by language: shown whole, the first line or less, more of it, nothing, something else. The
model stops by itself, or runs on into what follows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from pathlib import Path

from benchmarks.holes.judge import trimmed_lines
from benchmarks.statements.asking import RUN_ON, Shown, ask
from benchmarks.statements.corpus import PACKAGES, Share, sources
from benchmarks.statements.places import LONG_LINES, SHORT_LINES, Hole, auto_closed, pick

_QUICK = 12
"""Statements a language for a look that takes seconds."""

_FIRST_LINES = 8
"""Of a long block: what is to be shown at least, unless it ends with a whole statement before."""

VERDICTS = ("whole", "first line", "part", "nothing", "wrong")


def verdict_of(hole: Hole, shown: Shown) -> str:
    """One of VERDICTS. Blanks at the end of a line and blank lines at the end do not count."""
    if _same(shown.document, hole.before + hole.truth + hole.rest):
        return "whole"
    if not shown.first.strip():
        return "nothing"
    said = shown.first.rstrip()
    if hole.truth.startswith(said):
        return "part" if "\n" in said.strip() else "first line"
    return "wrong"


def _same(one: str, other: str) -> bool:
    return trimmed_lines(one) == trimmed_lines(other)


def _said(hole: Hole, runs_on: bool) -> str:
    return hole.truth + (hole.rest[:RUN_ON] if runs_on else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.statements")
    parser.add_argument("--share", choices=[each.value for each in Share], default="fresh")
    parser.add_argument("--count", type=int, default=100, help="statements a language")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} statements a language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--languages", nargs="*", default=list(PACKAGES))
    parser.add_argument("--runs-on", action="store_true", help="the model does not stop by itself")
    parser.add_argument("--closed", action="store_true", help="behind brackets that are closed")
    parser.add_argument("--long", action="store_true", help="blocks of 13 to 40 lines, accepted on")
    parser.add_argument("--failures", type=Path, help="write what was not shown whole, as JSON")
    options = parser.parse_args()
    asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> None:
    count = _QUICK if options.quick else options.count
    lines = LONG_LINES if options.long else SHORT_LINES
    total: Counter[str] = Counter()
    failures: list[dict[str, object]] = []
    print(f"{'':16}" + "".join(f"{each:>12}" for each in VERDICTS) + f"{'places':>9}")
    for language in options.languages:
        holes = pick(sources(language, Share(options.share)), count, options.seed, lines)
        if options.closed:
            holes = auto_closed(holes)
        tally: Counter[str] = Counter()
        for hole in holes:
            said = _said(hole, options.runs_on)
            shown = await ask(hole, said, again=options.long)
            verdict = _long_verdict(hole, shown) if options.long else verdict_of(hole, shown)
            tally[verdict] += 1
            if verdict != "whole":
                failures.append(_failure(hole, shown, verdict))
        _print_row(language, tally)
        total += tally
    _print_row("all", total)
    if options.failures:
        options.failures.write_text(json.dumps(failures, indent=1, ensure_ascii=False))


def _long_verdict(hole: Hole, shown: Shown) -> str:
    """`whole` where accepting on led to the end with one request, and the first text was fair."""
    verdict = verdict_of(hole, shown)
    if verdict in ("nothing", "wrong") or shown.requests > 1:
        return verdict if verdict != "whole" else "part"
    enough = shown.first.count("\n") + 1 >= _FIRST_LINES or verdict == "whole"
    ended = _same(shown.last, hole.before + hole.truth + hole.rest)
    if not ended:
        return "part"
    return "whole" if enough or "\n" in shown.first.strip() else "first line"


def _failure(hole: Hole, shown: Shown, verdict: str) -> dict[str, object]:
    return {
        "verdict": verdict,
        "language": hole.source.language,
        "file": f"{hole.source.path}:{hole.line}",
        "before": hole.before[-300:],
        "truth": hole.truth,
        "after": hole.after[:200],
        "shown": shown.first,
        "requests": shown.requests,
    }


def _print_row(name: str, tally: Counter[str]) -> None:
    total = max(1, tally.total())
    shares = "".join(f"{100 * tally[each] / total:11.1f}%" for each in VERDICTS)
    print(f"{name:16}{shares}{tally.total():9}", flush=True)


if __name__ == "__main__":
    main()
