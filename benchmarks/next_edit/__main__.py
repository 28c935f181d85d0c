"""Replay commits and print what next edits were worth, or fit the classifier.

    python -m benchmarks.next_edit measure [--commits N] [--random] REPOSITORY…
    python -m benchmarks.next_edit fit [--commits N] REPOSITORY… > devstral_lsp/next_edit/weights.py

A REPOSITORY is a git directory with its history. Those that the classifier is fitted on say nothing
about how good it is: measure on others.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from benchmarks.next_edit.fit import SEED, Examples, examples_of, print_weights
from benchmarks.next_edit.half_typed import HalfTyped, type_commit
from benchmarks.next_edit.histories import MAX_EDITS, commits
from benchmarks.next_edit.judge import Verdict
from benchmarks.next_edit.replay import Replay, Shown, verdicts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.next_edit")
    parser.add_argument("what", choices=("measure", "fit"))
    parser.add_argument("--commits", type=int, default=100, help="of each repository and kind")
    parser.add_argument("--random", action="store_true", help="make the edits in random order")
    parser.add_argument("repositories", nargs="+", type=Path)
    asked = parser.parse_args()
    if asked.what == "fit":
        fit(asked.repositories, asked.commits)
    else:
        measure(asked.repositories, asked.commits, is_random=asked.random)


def fit(repositories: list[Path], count: int) -> None:
    examples: Examples = {}
    for repository in repositories:
        several = commits(repository, count, SEED, least=2, most=MAX_EDITS)
        single = commits(repository, count // 4, SEED, least=1, most=1)
        for is_random in (False, True):
            for rule, found in examples_of([*several, *single], is_random=is_random).items():
                examples.setdefault(rule, []).extend(found)
    print_weights(examples)


def measure(repositories: list[Path], count: int, *, is_random: bool) -> None:
    """One line for each repository and for all, several edits and one edit apart."""
    half_typed = HalfTyped()
    total, alone = Replay(is_random=is_random), Replay(is_random=is_random)
    single_commits = 0
    for repository in repositories:
        replay = Replay(is_random=is_random)
        for commit in commits(repository, count, SEED, least=2, most=MAX_EDITS):
            replay.play(commit)
            type_commit(commit, half_typed, SEED)
        for commit in commits(repository, count, SEED, least=1, most=1):
            alone.play(commit)
            single_commits += 1
        _report(repository.parent.name, replay)
        total.add(replay)
    _report("all", total)
    for rule, count_of in sorted(Counter(each.proposal.rule for each in total.shown).items()):
        good = _good([each for each in total.shown if each.proposal.rule == rule])
        print(f"  {rule}: {good} of {count_of} right or toward")
    print(f"commits of one edit: {len(alone.shown)} shown in {single_commits}")
    share = 100 * half_typed.shown / max(1, half_typed.pauses)
    print(f"in the middle of a change: shown at {share:.2f} % of {half_typed.pauses} pauses")
    spent = sorted(each.milliseconds for each in total.asked)
    print(
        f"processor ms: p50 {spent[len(spent) // 2]:.2f}, p99 {spent[len(spent) * 99 // 100]:.2f}"
    )
    large = sorted(each.milliseconds for each in total.asked if each.lines >= 1500)
    if large:
        print(f"  from 1,500 lines on: p99 {large[len(large) * 99 // 100]:.2f} of {len(large)}")


def _good(shown: list[Shown]) -> int:
    return sum(each.verdict in (Verdict.RIGHT, Verdict.TOWARD) for each in shown)


def _report(name: str, replay: Replay) -> None:
    edits, shown = replay.typed + replay.taken, len(replay.shown)
    parts = [
        f"{word} {100 * count / max(1, shown):.1f} %" for word, count in verdicts(replay.shown)
    ]
    good = 100 * _good(replay.shown) / max(1, shown)
    made = 100 * replay.taken / max(1, edits)
    print(
        f"{name}: {edits} edits, {100 * shown / max(1, edits):.1f} shown per 100, "
        f"right or toward {good:.1f} % ({', '.join(parts)}), made for the user {made:.1f} %",
        flush=True,
    )


if __name__ == "__main__":
    main()
