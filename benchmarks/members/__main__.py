"""Does the name that is needed at the cursor stand in the prompt that is sent? Without a model.

    python -m benchmarks.members
    python -m benchmarks.members --languages python,go --groups tune --show 20
    python -m benchmarks.members --set context.enabled=false

Places of six kinds in pinned packages of five languages: the name that comes next stands nowhere
else in its file, and another file of the package defines it.

member           after a dot: a method or field of what stands before it
module function  of an imported module, package or class
constructor      the name of an argument, or of a field, where an object is made
field name       a keyword argument of a call, a field of a literal
override         the name of a method that a base class, interface or trait declares
constant         of an enum, a class or a module

named    Share of places at which the name stands in the prompt or the suffix that is sent.
tokens   Of the context, median, estimated as `benchmarks/replay` does.
right    Share of places at which a model wrote the name, exact: the rest of the line, where one is
         asked (`--model http://127.0.0.1:8080`); "plain" is the same prompt without context.
ms       From the question to the request, p50 and p95: gathering, and what the engine does besides.
         The sources may take two seconds here; the machine may be busy.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from benchmarks.holes.asking import parse_setting
from benchmarks.members.asking import Asker, Sent
from benchmarks.members.corpus import files_of, packages
from benchmarks.members.places import KINDS, Place, pick
from benchmarks.replay.tokens import count_tokens


@dataclass(frozen=True, slots=True)
class Result:
    """A place and what was sent there."""

    place: Place
    sent: Sent
    plain: Sent | None = None
    """Without context."""

    @property
    def is_named(self) -> bool:
        return self.sent.has(self.place.name)

    @property
    def tokens(self) -> int:
        return count_tokens(self.sent.head)

    def is_right(self, sent: Sent) -> bool:
        """Whether the model wrote the name."""
        return re.match(rf"\s*{re.escape(self.place.name)}\b", sent.said) is not None

    def is_exact(self, sent: Sent) -> bool:
        """Whether the model wrote the rest of the line."""
        return sent.said.partition("\n")[0].rstrip() == self.place.rest_of_line.rstrip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.members")
    add = parser.add_argument
    add("--languages", default="", metavar="NAMES", help="with commas")
    add("--groups", default="", metavar="NAMES", help="tune, fresh, untouched")
    add("--packages", default="", metavar="WORD", help="only packages with this in their name")
    add("--kinds", default="", metavar="KINDS", help="with commas")
    add("--each", type=int, default=10, metavar="N", help="places of a kind in a package")
    add("--seed", type=int, default=1)
    add("--set", action="append", default=[], metavar="SETTING=VALUE", help="any setting")
    add("--show", type=int, default=0, metavar="N", help="print so many places without the name")
    add("--model", default="", metavar="URL", help="of a llama.cpp server, which is asked, too")
    add("--prompt-tokens", type=int, default=2048, metavar="N", help="of the document")
    add("--json", type=Path, metavar="FILE", help="a line for each place, as it is asked")
    return parser


async def _main(arguments: argparse.Namespace) -> int:
    options = dict(parse_setting(pair) for pair in arguments.set)
    results: list[Result] = []
    for package in packages(_listed(arguments.languages), _listed(arguments.groups)):
        if arguments.packages not in package.name:
            continue
        kinds = _listed(arguments.kinds) or list(KINDS)
        places = [
            place
            for place in pick(files_of(package), arguments.each, arguments.seed)
            if place.kind in kinds
        ]
        asked = arguments.prompt_tokens, arguments.model
        asker = Asker(options, *asked)
        beside = Asker(options | {"context.enabled": False}, *asked)
        for place in places:
            plain = await beside.ask(place) if arguments.model else None
            results.append(Result(place, await asker.ask(place), plain))
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(_row(results[-1])) + "\n")
        await asker.close()
        await beside.close()
    if not results:
        print("There is no such place.", file=sys.stderr)
        return 2
    print(_table(results))
    _show([each for each in results if not each.is_named][: arguments.show])
    return 0


def _listed(text: str) -> list[str]:
    return [each for each in text.split(",") if each]


def _table(results: Sequence[Result]) -> str:
    title = f"{'':34}{'places':>7}{'named':>8}{'tokens':>8}{'ms p50':>8}{'p95':>7}"
    lines = [title + (_MODEL if results[0].plain is not None else "")]
    lines += _groups(results, lambda each: each.place.file.package.language)
    lines += _groups(
        results, lambda each: f"{each.place.file.package.language}, {each.place.file.package.group}"
    )
    lines += _groups(results, lambda each: each.place.kind)
    lines += _groups(results, lambda each: each.place.file.package.name)
    lines += _groups(results, lambda each: "all")
    return "\n".join(lines)


_MODEL = f"{'right':>9}{'plain':>9}{'exact':>9}{'plain':>9}"


def _groups(results: Iterable[Result], key: Callable[[Result], str]) -> list[str]:
    by_key: dict[str, list[Result]] = {}
    for each in results:
        by_key.setdefault(key(each), []).append(each)
    return [*(_line(name, group) for name, group in by_key.items()), ""]


def _line(name: str, group: Sequence[Result]) -> str:
    share = sum(each.is_named for each in group) / len(group)
    times = [each.sent.gathered_ms for each in group]
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    tokens = median(each.tokens for each in group)
    line = f"{name:34}{len(group):>7}{share:>8.0%}{tokens:>8.0f}{median(times):>8.0f}{p95:>7.0f}"
    if group[0].plain is None:
        return line
    plain = [(each, each.plain) for each in group if each.plain is not None]
    asked = [(each, each.sent) for each in group]
    shares = [
        sum(judge(each, sent) for each, sent in pairs) / len(group)
        for judge in (Result.is_right, Result.is_exact)
        for pairs in (asked, plain)
    ]
    return line + "".join(f"{each:>9.0%}" for each in shares)


def _show(missed: Sequence[Result]) -> None:
    for each in missed:
        place = each.place
        own = place.before.rpartition("\n")[2].strip()
        print(f"{place.file.path}:{place.line} [{place.kind}] {own}│{place.name}", end="")
        print(f"   defined in {', '.join(place.defined_in)}")


def _row(each: Result) -> dict[str, object]:
    place = each.place
    return {
        "package": place.file.package.name,
        "path": str(place.file.path),
        "line": place.line,
        "kind": place.kind,
        "name": place.name,
        "named": each.is_named,
        "tokens": each.tokens,
        "said": each.sent.said,
        "right": each.is_right(each.sent),
        "exact": each.is_exact(each.sent),
        "right_plain": each.plain is not None and each.is_right(each.plain),
        "exact_plain": each.plain is not None and each.is_exact(each.plain),
        "gathered_ms": round(each.sent.gathered_ms, 1),
    }


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(_parser().parse_args())))
