"""What it costs to withhold the texts that a typist seldom takes, by what a ledger knows of them.

    python -m benchmarks.replay.withhold --seeds 41 42 43 44

The rehearsal is typed by three temperaments. Of each text that came up it is known what a ledger
knows: the kind of place, the tier, the length, whether some of it was taken. On the other seeds of
the same typist it is learnt how often texts of a kind are taken; those of a kind that is taken more
seldom than a threshold would be withheld. The threshold is the lowest at which a fifth of the wrong
texts goes. Beside it stands the least that a fifth costs if all is known beforehand: kinds of at
least MIN_SHOWN texts are withheld in the order of the keys that they save for each wrong text.

That is more than a policy could do by waiting longer at such places, since it counts nothing of
what comes up later in the place of what was withheld, be it wrong or right.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.replay.records import Show
from benchmarks.replay.rehearsal import rehearse
from benchmarks.replay.typist import TEMPERAMENTS
from devstral_lsp.completion.cursor_position import position_kind
from devstral_lsp.completion.types import CursorContext

MIN_SHOWN = 15
"""Texts of a kind of which nothing is said before."""

LENGTHS = (8, 20, 40)
WANTED = 0.2
"""Share of the wrong texts that is to go."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One text that came up."""

    place: str
    tier: str
    length: int
    """How many of LENGTHS it reaches; one more for several lines."""
    is_wrong: bool
    gained_keys: int

    @classmethod
    def of(cls, show: Show) -> Shown:
        place = CursorContext(before=show.before, after=show.after, language_id="python")
        is_long = "\n" in show.text.strip("\n")
        length = sum(len(show.text) >= each for each in LENGTHS)
        return cls(
            position_kind(place).value,
            show.tier,
            len(LENGTHS) + 1 if is_long else length,
            not show.right,
            show.gained_keys,
        )


KEYS: Mapping[str, Callable[[Shown], Hashable]] = {
    "place, tier, length": lambda each: (each.place, each.tier, each.length),
    "place, tier": lambda each: (each.place, each.tier),
    "tier, length": lambda each: (each.tier, each.length),
}


def play(temperament: str, seed: int, traces: int) -> list[Shown]:
    """What came up while one seed was typed."""
    played = rehearse(seed, traces, None, 1.0, 0.22, TEMPERAMENTS[temperament])
    return [Shown.of(show) for record in played.records for show in record.shows]


def withheld(
    seeds: Sequence[Sequence[Shown]], key: Callable[[Shown], Hashable], threshold: float
) -> list[Shown]:
    """What is withheld of each seed by what was taken of the others."""
    found = []
    for number, own in enumerate(seeds):
        others = [each for n, seed in enumerate(seeds) if n != number for each in seed]
        kinds = _by(others, key)
        rare = {
            kind
            for kind, members in kinds.items()
            if len(members) >= MIN_SHOWN
            and sum(each.gained_keys > 0 for each in members) < threshold * len(members)
        }
        found += [each for each in own if key(each) in rare]
    return found


def known_beforehand(shown: Sequence[Shown], key: Callable[[Shown], Hashable]) -> list[Shown]:
    """The kinds whose wrong texts cost the least to withhold, until a fifth of all is in them."""
    kinds = [each for each in _by(shown, key).values() if len(each) >= MIN_SHOWN and _wrong(each)]
    kinds.sort(key=lambda each: _gained(each) / _wrong(each))
    found: list[Shown] = []
    for kind in kinds:
        if _wrong(found) >= WANTED * _wrong(shown):
            break
        found += kind
    return found


def _by(
    shown: Iterable[Shown], key: Callable[[Shown], Hashable]
) -> Mapping[Hashable, Sequence[Shown]]:
    kinds: dict[Hashable, list[Shown]] = defaultdict(list)
    for each in shown:
        kinds[key(each)].append(each)
    return kinds


def _wrong(shown: Iterable[Shown]) -> int:
    return sum(each.is_wrong for each in shown)


def _gained(shown: Iterable[Shown]) -> int:
    return sum(each.gained_keys for each in shown)


def _report(temperament: str, seeds: Sequence[Sequence[Shown]]) -> None:
    shown = list(itertools.chain.from_iterable(seeds))
    wrong, gained = _wrong(shown), _gained(shown)
    print(f"{temperament}: {len(shown)} texts, {wrong} wrong, {gained} keys saved")
    for name, key in KEYS.items():
        for percent in range(5, 105, 5):
            gone = withheld(seeds, key, percent / 100)
            if _wrong(gone) >= WANTED * wrong:
                break
        best = known_beforehand(shown, key)
        print(
            f"  {name:22} taken < {percent:3} %: wrong -{_wrong(gone) / wrong:.0%}, "
            f"saved -{_gained(gone) / gained:.1%}; known beforehand: "
            f"wrong -{_wrong(best) / wrong:.0%}, saved -{_gained(best) / gained:.1%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay.withhold")
    parser.add_argument("--seeds", type=int, nargs="+", default=[41, 42, 43, 44])
    parser.add_argument("--traces", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    runs = list(itertools.product(TEMPERAMENTS, options.seeds))
    with ProcessPoolExecutor(options.jobs) as pool:
        playing = [pool.submit(play, *run, options.traces) for run in runs]
        played = [each.result() for each in playing]
    for name in TEMPERAMENTS:
        _report(name, [each for (of, _), each in zip(runs, played, strict=True) if of == name])


if __name__ == "__main__":
    main()
