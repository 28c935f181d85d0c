"""How long the network is not asked: short while there is credit, a pause without."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.debounce import (
    AFTER_WORD_MS,
    AT_START_MS,
    IN_PROSE_MS,
    INSIDE_WORD_MS,
    LONGEST_PAUSE_MS,
    SHORTEST_PAUSE_MS,
    Pace,
)
from devstral_lsp.completion.request import Place

HERE = Place.at("    │", "python")


class Typing:
    def __init__(self, pinned_ms: float | None = None) -> None:
        self.now_ms = 0.0
        self.pace = Pace(lambda: self.now_ms, pinned_ms)

    def keys(self, count: int, interval_ms: float) -> None:
        for _ in range(count):
            self.now_ms += interval_ms
            self.pace.key()


@pytest.mark.parametrize(
    ("marked", "expected_ms"),
    [
        ("│", AT_START_MS),
        ("    │", AT_START_MS),
        ("foo(│)", AT_START_MS),
        ("foo.│", AT_START_MS),
        ("return │", AFTER_WORD_MS),
        ("foo)│", AFTER_WORD_MS),
        ("retu│", INSIDE_WORD_MS),
        ("# a word│", IN_PROSE_MS),
    ],
)
def test_with_credit_the_place_decides(marked: str, expected_ms: float) -> None:
    assert Typing().pace.wait_ms(Place.at(marked, "python")) == expected_ms


def test_without_credit_a_pause_is_waited_for_by_the_users_own_rhythm() -> None:
    quick, slow = Typing(), Typing()
    quick.keys(30, 100)
    slow.keys(30, 200)
    for typing in (quick, slow):
        for _ in range(4):
            typing.pace.asked()
    assert quick.pace.wait_ms(HERE) == pytest.approx(160)
    assert slow.pace.wait_ms(HERE) == pytest.approx(320)


@pytest.mark.parametrize(
    ("interval_ms", "expected_ms"), [(20, SHORTEST_PAUSE_MS), (900, LONGEST_PAUSE_MS)]
)
def test_the_wait_for_a_pause_has_bounds(interval_ms: float, expected_ms: float) -> None:
    typing = Typing()
    typing.keys(30, interval_ms)
    for _ in range(4):
        typing.pace.asked()
    assert typing.pace.wait_ms(HERE) == expected_ms


def test_thinking_pauses_do_not_count_as_rhythm() -> None:
    typing = Typing()
    typing.keys(20, 100)
    typing.keys(20, 5000)
    for _ in range(4):
        typing.pace.asked()
    assert typing.pace.wait_ms(HERE) == pytest.approx(160)


def test_keys_earn_requests_again() -> None:
    typing = Typing()
    for _ in range(4):
        typing.pace.asked()
    assert typing.pace.wait_ms(HERE) > AT_START_MS
    typing.keys(5, 100)
    assert typing.pace.wait_ms(HERE) == AT_START_MS


def test_a_setting_pins_the_wait() -> None:
    typing = Typing(pinned_ms=75)
    for _ in range(9):
        typing.pace.asked()
    assert typing.pace.wait_ms(HERE) == 75
