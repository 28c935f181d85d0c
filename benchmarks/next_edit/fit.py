"""Fits the classifier of next edits on commits, and prints its weights as a module."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.local_fit import fit
from benchmarks.next_edit.histories import Commit
from benchmarks.next_edit.judge import Verdict, judge
from benchmarks.next_edit.replay import Document, Replay
from devstral_lsp.next_edit.finder import NextEditFinder

MAX_OF_PATTERN = 3
"""Places of one pattern in one request that are learned from."""

MAX_OF_COMMIT = 15
"""Examples of each rule that one commit gives: a large one says no more than a small one."""
SEED = 19

Examples = dict[str, list[tuple[Sequence[float], bool]]]


def examples_of(commits: Sequence[Commit], *, is_random: bool) -> Examples:
    """All candidates at each request, and whether the user makes that change."""
    found: Examples = defaultdict(list)

    def watch(finder: NextEditFinder, document: Document, offset: int) -> None:
        taken: dict[Any, int] = defaultdict(int)
        for each in finder.candidates(document.snapshot, offset):
            key = each.learned.pattern.key
            taken[key] += 1
            if taken[key] > MAX_OF_PATTERN:
                continue
            place = each.place
            judged = judge(document.lines, document.remaining, place.first, place.end, place.new)
            is_right = judged.verdict in (Verdict.RIGHT, Verdict.TOWARD)
            found[each.learned.pattern.rule].append((each.features, is_right))

    replay, chosen = Replay(is_random=is_random, watch=watch), random.Random(SEED)
    kept: Examples = defaultdict(list)
    for commit in commits:
        replay.play(commit)
        for rule, examples in found.items():
            kept[rule] += chosen.sample(examples, min(len(examples), MAX_OF_COMMIT))
        found.clear()
    return kept


def print_weights(examples: Examples) -> None:
    """Print the module with the weights of each rule, the bias first."""
    print('"""The classifier\'s weights, as `benchmarks/next_edit` printed them.')
    print()
    print("For each rule the bias, then the weights in the order of `features.FEATURES`.")
    print('"""\n\nfrom __future__ import annotations\n\nWEIGHTS = {')
    for rule, found in sorted(examples.items()):
        right = sum(is_right for _, is_right in found)
        print(f"    # {len(found)} examples, {right} of them right")
        print(f'    "{rule}": (')
        for weight in fit(found):
            print(f"        {weight:.3f},")
        print("    ),")
    print("}")
