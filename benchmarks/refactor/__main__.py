"""Replies to refactors of real code: no bad one may reach the document, no good one be refused.

    python -m benchmarks.refactor [--seed N] [--show N] [--json FILE]

Sixty functions of six languages are taken from what is installed (`corpus`), changed by script
(`changes`), and given back in every form in which models answer (`good`) and in every way in which
they go wrong (`bad`). Each reply is read as in the product: the good ones for an action that keeps
all names, the bad ones through every entry (`entries`). A reply that the model would be asked about
again, and the user be shown with its loss marked, counts as refused.

What the words mean:

good refused    A good reply of which no edit came, or none that may be offered.
good wrong      One of which an edit came that does not give the intended file, to the letter but
                for blanks at line ends.
bad reached     A bad reply of which an edit came that may be offered, and that gives neither the
                old file nor the intended one. (An elision that is filled in gives the latter.)
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.refactor.bad import RENAMES, bad_replies
from benchmarks.refactor.changes import changed
from benchmarks.refactor.corpus import Snippet, snippets
from benchmarks.refactor.entries import ENTRIES
from benchmarks.refactor.good import good_replies
from benchmarks.refactor.judge import Judged, Verdict, judge


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refactor")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="replies that went wrong")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args(words)
    chosen = snippets(arguments.seed)
    if not chosen:
        print("No language has enough sources on this machine.", file=sys.stderr)
        return 2
    good, bad = _judged(chosen, arguments.seed)
    print(_report(chosen, good, bad))
    for each in [*_wrong_good(good), *_reached(bad)][: arguments.show]:
        print(_shown(each))
    if arguments.json:
        arguments.json.write_text(json.dumps(_counts(chosen, good, bad), indent=2) + "\n")
    return int(bool(_wrong_good(good) or _reached(bad)))


def _judged(chosen: Sequence[Snippet], seed: int) -> tuple[list[Judged], list[Judged]]:
    good: list[Judged] = []
    bad: list[Judged] = []
    for snippet in chosen:
        changes = list(changed(snippet, random.Random(f"{seed} {snippet.index}")))
        if changes:
            good += [judge(snippet, each) for each in good_replies(snippet, changes, seed)]
            bad += [
                judge(snippet, each, entry)
                for each in bad_replies(snippet, changes, seed)
                for entry in ENTRIES
                if entry.keeps_names or each.kind not in RENAMES
            ]
    return good, bad


def _wrong_good(good: Sequence[Judged]) -> list[Judged]:
    return [each for each in good if each.verdict is not Verdict.AS_WANTED]


def _reached(bad: Sequence[Judged]) -> list[Judged]:
    return [each for each in bad if each.verdict is Verdict.OTHERWISE]


def _report(chosen: Sequence[Snippet], good: Sequence[Judged], bad: Sequence[Judged]) -> str:
    languages = Counter(each.language for each in chosen)
    found = ", ".join(f"{language} {count}" for language, count in languages.items())
    lines = [f"{len(chosen)} functions: {found}", "", _row("", "replies", "as wanted", "wrong")]
    lines.append(_row("good", *_sums(good, _wrong_good(good))))
    lines += [_row(f"  {kind}", *_sums(*pair)) for kind, pair in _by_kind(good, _wrong_good(good))]
    lines += ["", _row("", "replies", "refused", "reached")]
    lines.append(_row("bad", *_sums(bad, _reached(bad))))
    lines += [_row(f"  {kind}", *_sums(*pair)) for kind, pair in _by_kind(bad, _reached(bad))]
    lines.append("")
    for entry in ENTRIES:
        through = [each for each in bad if each.entry == entry.name]
        lines.append(_row(f"  {entry.name}", *_sums(through, _reached(through))))
    return "\n".join(lines)


def _row(name: str, *columns: object) -> str:
    return f"{name:32}" + "".join(f"{column!s:>12}" for column in columns)


def _sums(all_: Sequence[Judged], wrong: Sequence[Judged]) -> tuple[int, int, int]:
    return len(all_), len(all_) - len(wrong), len(wrong)


def _by_kind(
    all_: Sequence[Judged], wrong: Sequence[Judged]
) -> list[tuple[str, tuple[list[Judged], list[Judged]]]]:
    kinds = dict.fromkeys(each.reply.kind for each in all_)
    return [
        (
            kind,
            (
                [each for each in all_ if each.reply.kind == kind],
                [each for each in wrong if each.reply.kind == kind],
            ),
        )
        for kind in kinds
    ]


def _counts(
    chosen: Sequence[Snippet], good: Sequence[Judged], bad: Sequence[Judged]
) -> dict[str, object]:
    refused = [each for each in _wrong_good(good) if each.verdict is Verdict.REFUSED]
    return {
        "functions": dict(Counter(each.language for each in chosen)),
        "good": len(good),
        "good_refused": len(refused),
        "good_wrong": len(_wrong_good(good)) - len(refused),
        "bad": len(bad),
        "bad_reached": len(_reached(bad)),
    }


def _shown(each: Judged) -> str:
    head = f"\n=== {each.reply.kind}, {each.entry}: {each.verdict.value} {each.reason}"
    head += f"\n{each.snippet.path}"
    before, after = each.snippet.around
    made = each.result[len(before) : len(each.result) - len(after)]
    parts = {"original": each.snippet.code, "reply": each.reply.raw[:6000], "made": made}
    return head + "".join(f"\n--- {name}\n{text}" for name, text in parts.items() if text)


if __name__ == "__main__":
    sys.exit(main())
