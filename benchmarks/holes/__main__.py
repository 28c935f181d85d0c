"""Hole punching: what a model says, through our engine, where real code was cut out.

    python -m benchmarks.holes --provider codestral --naive
    python -m benchmarks.holes --provider llamacpp --base-url http://127.0.0.1:8080 --naive \
        --corpus ~/src/project --set fim.temperature=0 --set fim.timeout_ms=600000
    python -m benchmarks.holes --provider local --corpus ~/src/project
    python -m benchmarks.holes --provider codestral --ablate filters --tape answers.jsonl

Spans of real files are cut out by a seed (`places`), and the engine is asked at the cut as an
editor would ask it: same application, same settings, same filters, the file's folder as workspace
and some files beside it open. Keys come from where the product looks for them, but no settings
file is read; `--set fim.temperature=0` and the like set anything.

What the words mean:

exact       Equal to the code that stood there, blanks at line ends aside. As far as shown: to as
            many of its lines as were shown, since the engine offers one statement or block at a
            time; at least its first line, then. Shares are of all holes, shown or not. In brackets,
            where the share lies with 95 % confidence (bootstrap over the holes).
agreement   The truth begins with what was shown, though that may end in the middle of a line.
similarity  difflib's ratio, 1 for equal; 0 where nothing was shown.
repeating   A line that follows the hole stands in the suggestion, and more often than in the truth.
breaking    The file has more parse errors with the suggestion than with as many lines of the truth,
            and the suggestion does not agree with that. By Python's own parser, for other languages
            by tree-sitter; "not measured" where there is neither.
spoiled     What the model said begins with the whole truth, or at least its first line, and what
            was shown is not exact, or not even that line: a stop or a filter is to blame.
latency     From the request to the answer; answers that came from the tape are left out.
tokens      A mean per hole, as the endpoint counts them, else estimated. Generated: with what the
            engine listens to beyond what it shows.
naive       Sixty lines before and twenty after, no context, no filter, no stop: what the model
            says until it ends by itself, or by the tokens that a hole of this kind may need.
naive, cut  The same, cut to as many lines as the hole has: a filter that no client can have, since
            none knows them. It tells what the model knows from what the engine makes of it.
ablation    The engine without one context source, or without one filter. Filters see the answers
            that were given to the engine as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.holes import report
from benchmarks.holes.ablation import AS_IT_IS, PARTS, Variant, variants
from benchmarks.holes.asking import Asked, cut_to, engine, naive, parse_setting, settings_for
from benchmarks.holes.corpus import SourceFile, siblings, source_files
from benchmarks.holes.figures import Result
from benchmarks.holes.judge import judge
from benchmarks.holes.parsing import parse_errors
from benchmarks.holes.places import Hole, pick
from benchmarks.holes.tape import Tape
from devstral_lsp.completion.types import CompletionKind, TriggerKind
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.errors import DevstralError

ENGINE, NAIVE, NAIVE_CUT = "engine", "naive", "naive, cut"
_KINDS = {kind.value: kind for kind in CompletionKind}
_TRIGGERS = {trigger.value: trigger for trigger in TriggerKind}


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.holes")
    add = parser.add_argument
    add("--provider", choices=SETTING_SPECS["fim.provider"].choices, default="auto")
    add("--base-url", metavar="URL")
    add("--model", metavar="ID")
    add("--set", action="append", default=[], metavar="SETTING=VALUE", help="any other setting")
    add("--corpus", type=Path, action="append", default=[], metavar="PATH", help="may be repeated")
    add("--context-folder", type=Path, metavar="DIR", help="the workspace; default: the corpus")
    add("--languages", default="", metavar="IDS", help="LSP language ids, with commas")
    add("--kinds", default=",".join(_KINDS), metavar="KINDS", help="with commas")
    add("--open", type=int, default=2, metavar="N", help="files open beside the one with the hole")
    add("--count", type=int, default=60, metavar="N", help="holes")
    add("--seed", type=int, default=1)
    add("--trigger", choices=sorted(_TRIGGERS), default=TriggerKind.AUTOMATIC.value)
    add("--naive", action="store_true", help="ask by the naive prompt too")
    add("--ablate", action="append", default=[], choices=PARTS, help="may be repeated")
    add("--tape", type=Path, metavar="FILE", help="keep answers there, and take known ones from it")
    add("--show", type=int, default=0, metavar="N", help="print so many holes that went wrong")
    add("--json", type=Path, metavar="FILE")
    return parser


def _options(arguments: argparse.Namespace) -> dict[str, object]:
    """The settings that the arguments stand for."""
    options: dict[str, object] = {
        "fim.provider": arguments.provider,
        "fim.base_url": arguments.base_url,
        "fim.model": arguments.model,
        # Nobody types here, and `local` must not answer for an endpoint that failed.
        "completion.debounce_ms": 0,
        "local.enabled": arguments.provider == "local",
    }
    return options | dict(parse_setting(pair) for pair in arguments.set)


class _Run:
    """One run: the same holes for everybody who is asked."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        languages = [each for each in arguments.languages.split(",") if each]
        roots = [path.absolute() for path in arguments.corpus]
        folder = arguments.context_folder and arguments.context_folder.absolute()
        self._files = source_files(roots, folder, languages)
        kinds = [_KINDS[each] for each in arguments.kinds.split(",")]
        self.holes = pick(self._files, arguments.count, arguments.seed, kinds)
        self._options = _options(arguments)
        self._open = arguments.open
        self._trigger = _TRIGGERS[arguments.trigger]
        self._tape = Tape(arguments.tape)

    async def by_engine(self, variant: Variant) -> list[Result]:
        resolved = settings_for({**self._options, **variant.options})
        async with engine(resolved, self._tape, variant.filters, self._trigger) as asked:
            results = []
            for number, hole in enumerate(self.holes):
                _progress(variant.name, number, len(self.holes))
                answer = await asked.ask(hole, self._beside(hole))
                results.append(_judged(hole, answer))
            return results

    async def by_naive_prompt(self) -> dict[str, list[Result]]:
        columns: dict[str, list[Result]] = {NAIVE: [], NAIVE_CUT: []}
        async with naive(settings_for(self._options), self._tape) as asked:
            for number, hole in enumerate(self.holes):
                _progress(NAIVE, number, len(self.holes))
                answer = await asked.ask(hole)
                columns[NAIVE].append(_judged(hole, answer))
                columns[NAIVE_CUT].append(_judged(hole, cut_to(hole, answer)))
        return columns

    def _beside(self, hole: Hole) -> list[SourceFile]:
        return siblings(hole.file, self._files, self._open)


def _judged(hole: Hole, answer: Asked) -> Result:
    return Result(hole, answer, judge(hole, answer.suggestion, parse_errors))


async def run(arguments: argparse.Namespace) -> int:
    run = _Run(arguments)
    if not run.holes:
        print("There is no hole to cut in these files.", file=sys.stderr)
        return 2
    columns = {ENGINE: await run.by_engine(AS_IT_IS)}
    if arguments.naive:
        columns |= await run.by_naive_prompt()
    tables = [
        report.main_table(columns, arguments.seed),
        report.group_table(columns, arguments.seed),
    ]
    tables += [
        report.ratios(columns[ENGINE], results, name, arguments.seed)
        for name, results in columns.items()
        if name != ENGINE
    ]
    judged = {AS_IT_IS.name: columns[ENGINE]}
    for variant in variants(arguments.ablate):
        judged[variant.name] = await run.by_engine(variant)
    if len(judged) > 1:
        tables.append(report.ablation_table(judged, arguments.seed))
    if arguments.show:
        tables.append(report.examples(columns[ENGINE], arguments.show))
    _progress("", 0, 0)
    print("\n\n".join(tables))
    if arguments.json:
        report.write_json(arguments.json, _conditions(arguments), columns, arguments.seed)
    return _failed(columns)


def _conditions(arguments: argparse.Namespace) -> dict[str, object]:
    return {name: str(value) for name, value in vars(arguments).items()}


def _failed(columns: dict[str, list[Result]]) -> int:
    """1 if a request failed: such a run says nothing of the model."""
    failures = [each.asked.failure for results in columns.values() for each in results]
    reasons = sorted({failure for failure in failures if failure})
    for reason in reasons:
        print(f"failed: {reason}", file=sys.stderr)
    return int(bool(reasons))


def _progress(name: str, number: int, count: int) -> None:
    if sys.stderr.isatty():
        told = f"{name}: {number + 1} of {count}" if count else ""
        print(f"\r{told:<70}\r", end="", file=sys.stderr, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    arguments = argument_parser().parse_args(words)
    try:
        return asyncio.run(run(arguments))
    except DevstralError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
