"""What is withheld of the texts of a replay, by what was taken of others."""

from __future__ import annotations

import pytest

from benchmarks.replay.records import Show
from benchmarks.replay.withhold import KEYS, MIN_SHOWN, Shown, known_beforehand, withheld

KEY = KEYS["place, tier, length"]


def texts(place: str, count: int, *, wrong: int) -> list[Shown]:
    """So many texts, of which all that are not wrong were taken."""
    return [Shown(place, "asked", 1, n < wrong, 0 if n < wrong else 5) for n in range(count)]


def test_a_text_is_known_by_what_a_ledger_knows() -> None:
    show = Show(100, True, "total(items)", "sum = (", ")\n", "joined", 11)
    assert Shown.of(show) == Shown("bracket", "joined", 1, False, 11)
    assert Shown.of(Show(100, False, "a\nb", "x = 1\n", "", "local")).length == 4


@pytest.mark.parametrize(
    ("shown", "threshold", "places"),
    [
        (MIN_SHOWN, 0.5, {"string"}),
        (MIN_SHOWN, 0.1, set()),
        (MIN_SHOWN, 1.0, {"string", "word"}),
        (MIN_SHOWN - 1, 0.5, set()),
    ],
)
def test_what_is_taken_seldom_elsewhere_is_withheld(
    shown: int, threshold: float, places: set[str]
) -> None:
    learnt = [*texts("string", shown, wrong=shown - 3), *texts("word", shown, wrong=2)]
    own = [*texts("string", 1, wrong=0), *texts("word", 1, wrong=0)]
    gone = withheld([learnt, own], KEY, threshold)
    assert {each.place for each in gone if each in own} == places


def test_known_beforehand_the_cheapest_kinds_go_first() -> None:
    cheap, dear = texts("string", MIN_SHOWN, wrong=10), texts("word", MIN_SHOWN, wrong=5)
    assert known_beforehand([*dear, *cheap], KEY) == cheap
