"""python -m benchmarks.statements.mutations: what is shown of answers that are wrong.

True statements are spoilt in the ways in which models spoil them. Counted are the texts that, once
accepted, leave a document that does not parse where it did without them. Where the model's text is
all there is to be shown, nothing is right, too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.statements.asking import ask
from benchmarks.statements.corpus import PACKAGES, Share, sources
from benchmarks.statements.places import Hole, pick
from devstral_lsp.syntax.tree import Syntax

Mutation = Callable[[Hole, random.Random], str]


def _cut(hole: Hole, rng: random.Random) -> str:
    return hole.truth[: rng.randrange(1, len(hole.truth))]


def _doubled_closer(hole: Hole, rng: random.Random) -> str:
    at = max(hole.truth.rfind(each) for each in ")]}>")
    return hole.truth[: at + 1] + hole.truth[at:] if at >= 0 else hole.truth + ")"


def _repeated_suffix(hole: Hole, rng: random.Random) -> str:
    lines = hole.rest.split("\n")
    return hole.truth + "\n".join(lines[: rng.randint(2, 5)])


def _repeated_prefix(hole: Hole, rng: random.Random) -> str:
    lines = hole.before.split("\n")
    return "\n".join(lines[-rng.randint(2, 3) :]).lstrip() + hole.truth


def _indented(hole: Hole, rng: random.Random) -> str:
    by = rng.choice([-4, -2, 2, 4])
    first, *lines = hole.truth.split("\n")
    return "\n".join([first, *(_shifted(line, by) for line in lines)])


def _shifted(line: str, by: int) -> str:
    return " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip())) :]


def _fenced(hole: Hole, rng: random.Random) -> str:
    return f"```{hole.source.language}\n{hole.truth}\n```\nThis code does it."


def _with_token(hole: Hole, rng: random.Random) -> str:
    token = rng.choice(["<|endoftext|>", "[SUFFIX]", "</s>", "<|fim_middle|>"])
    return hole.truth + token + hole.rest[:60]


def _introduced(hole: Hole, rng: random.Random) -> str:
    return f"Here is the missing code:\n\n{hole.truth}\n\nThis code does what you asked for."


def _run_on(hole: Hole, rng: random.Random) -> str:
    return hole.truth + hole.rest[: rng.randint(200, 900)]


def _left_out(hole: Hole, rng: random.Random) -> str:
    lines = hole.truth.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


MUTATIONS: dict[str, Mutation] = {
    "cut": _cut,
    "doubled closer": _doubled_closer,
    "repeated suffix": _repeated_suffix,
    "repeated prefix": _repeated_prefix,
    "indentation": _indented,
    "fence": _fenced,
    "control token": _with_token,
    "prose": _introduced,
    "runs on": _run_on,
    "a line left out": _left_out,
}


async def _run(options: argparse.Namespace) -> None:
    broken: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    total: Counter[str] = Counter()
    failures: list[dict[str, str]] = []
    for language in options.languages:
        rng = random.Random(options.seed)
        for hole in pick(sources(language, Share(options.share)), options.count, options.seed):
            if _faults(hole.before + hole.after, language):
                continue
            for name, mutate in MUTATIONS.items():
                said = mutate(hole, rng)
                found = await ask(hole, said)
                total[name] += 1
                shown[name] += bool(found.first.strip())
                if found.first.strip() and _faults(found.document, language):
                    broken[name] += 1
                    failures.append(_failure(name, hole, said, found.first))
    print(f"{'':18}{'answers':>9}{'shown':>9}{'broken':>9}")
    for name in MUTATIONS:
        _print_row(name, total[name], shown[name], broken[name])
    _print_row("all", total.total(), shown.total(), broken.total())
    if options.failures:
        options.failures.write_text(json.dumps(failures, indent=1, ensure_ascii=False))


def _faults(text: str, language: str) -> int:
    syntax = Syntax.of(text, language)
    return 0 if syntax is None else syntax.missing_nodes()


def _failure(name: str, hole: Hole, said: str, shown: str) -> dict[str, str]:
    return {
        "mutation": name,
        "language": hole.source.language,
        "before": hole.before[-200:],
        "said": said,
        "shown": shown,
        "after": hole.after[:100],
        "file": f"{hole.source.path}:{hole.line}",
    }


def _print_row(name: str, total: int, shown: int, broken: int) -> None:
    seen, wrong = 100 * shown / max(1, total), 100 * broken / max(1, shown)
    print(f"{name:18}{total:9}{seen:8.1f}%{wrong:8.2f}%")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", choices=[each.value for each in Share], default="fresh")
    parser.add_argument("--count", type=int, default=20, help="statements a language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--languages", nargs="*", default=list(PACKAGES))
    parser.add_argument("--failures", type=Path, help="write what broke, as JSON")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
