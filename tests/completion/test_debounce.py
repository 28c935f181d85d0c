"""How long the network is not asked: short while there is credit, a pause without."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.debounce import (
    LONGEST_PAUSE_MS,
    PLACE_MS,
    QUICKEST,
    SHORTEST_PAUSE_MS,
    SLOWEST,
    UNWELCOME_MS,
    Pace,
)
from devstral_lsp.completion.latency import USUAL_MS
from devstral_lsp.completion.request import Place
from devstral_lsp.completion.spot import Spot

HERE = Place.at("    │", "python")


class Typing:
    def __init__(self, pinned_ms: float | None = None) -> None:
        self.now_ms = 0.0
        self.pace = Pace(lambda: self.now_ms, pinned_ms)

    def keys(self, count: int, interval_ms: float, *, at_once: int = 1) -> None:
        for _ in range(count // at_once):
            self.now_ms += interval_ms * at_once
            self.pace.keys(at_once)


@pytest.mark.parametrize(
    ("marked", "spot"),
    [
        ("    │", Spot.LINE_START),
        ("foo(│)", Spot.OPENED),
        ("return │", Spot.BETWEEN),
        ("retu│", Spot.WORD_END),
        ("re│tu", Spot.INSIDE_WORD),
        ("# a word│", Spot.COMMENT),
        ('x = "a word│', Spot.STRING),
    ],
)
def test_with_credit_the_place_decides(marked: str, spot: Spot) -> None:
    assert Typing().pace.wait_ms(Place.at(marked, "python")) == PLACE_MS[spot]


@pytest.mark.parametrize(
    ("first_token_ms", "scale"),
    [
        (USUAL_MS, 1.0),
        (USUAL_MS * 0.8, 0.8),
        (USUAL_MS * 1.5, 1.5),
        (1.0, QUICKEST),
        (9_000.0, SLOWEST),
    ],
)
def test_a_wait_is_a_share_of_what_the_endpoint_takes(first_token_ms: float, scale: float) -> None:
    waited_ms = Typing().pace.wait_ms(HERE, first_token_ms=first_token_ms)
    assert waited_ms == pytest.approx(PLACE_MS[Spot.LINE_START] * scale)


def test_where_suggestions_are_unwelcome_only_a_long_pause_is_answered() -> None:
    assert Typing().pace.wait_ms(HERE, unwelcome=True) == UNWELCOME_MS


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
    assert typing.pace.wait_ms(HERE) > PLACE_MS[Spot.LINE_START]
    typing.keys(5, 100)
    assert typing.pace.wait_ms(HERE) == PLACE_MS[Spot.LINE_START]


def test_a_setting_pins_the_wait() -> None:
    typing = Typing(pinned_ms=75)
    for _ in range(9):
        typing.pace.asked()
    assert typing.pace.wait_ms(HERE) == 75


def test_editors_that_ask_once_for_several_keys_earn_and_type_as_much() -> None:
    """Neovim's own inline completion asks when no key has come for a while."""
    each, seldom = Typing(), Typing()
    for typing in (each, seldom):
        for _ in range(3):
            typing.pace.asked()
    each.keys(15, 80.0)
    seldom.keys(15, 80.0, at_once=5)
    assert seldom.pace.wait_ms(HERE) == each.pace.wait_ms(HERE) == PLACE_MS[Spot.LINE_START]
    for typing in (each, seldom):
        for _ in range(3):
            typing.pace.asked()
    assert seldom.pace.wait_ms(HERE) == each.pace.wait_ms(HERE) > PLACE_MS[Spot.LINE_START]
