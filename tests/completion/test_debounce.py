"""How long the network is not asked: short while there is credit, a pause without."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.cursor_position import PositionKind
from devstral_lsp.completion.debounce import (
    DELAY_MS_BY_POSITION,
    MAX_PAUSE_MS,
    MAX_SCALE,
    MIN_PAUSE_MS,
    MIN_SCALE,
    SUPPRESSED_DELAY_MS,
    Debouncer,
)
from devstral_lsp.completion.latency import USUAL_MS
from devstral_lsp.completion.types import CursorContext

HERE = CursorContext.from_marked("    │", "python")


class Typing:
    def __init__(self, pinned_ms: float | None = None) -> None:
        self.now_ms = 0.0
        self.pace = Debouncer(lambda: self.now_ms, pinned_ms)

    def keys(self, count: int, interval_ms: float, *, at_once: int = 1) -> None:
        for _ in range(count // at_once):
            self.now_ms += interval_ms * at_once
            self.pace.record_keystrokes(at_once)


@pytest.mark.parametrize(
    ("marked", "spot"),
    [
        ("    │", PositionKind.LINE_START),
        ("foo(│)", PositionKind.OPENED),
        ("return │", PositionKind.BETWEEN),
        ("retu│", PositionKind.WORD_END),
        ("re│tu", PositionKind.INSIDE_WORD),
        ("# a word│", PositionKind.COMMENT),
        ('x = "a word│', PositionKind.STRING),
    ],
)
def test_with_credit_the_place_decides(marked: str, spot: PositionKind) -> None:
    assert (
        Typing().pace.delay_ms(CursorContext.from_marked(marked, "python"))
        == DELAY_MS_BY_POSITION[spot]
    )


@pytest.mark.parametrize(
    ("first_token_ms", "scale"),
    [
        (USUAL_MS, 1.0),
        (USUAL_MS * 0.8, 0.8),
        (USUAL_MS * 1.5, 1.5),
        (1.0, MIN_SCALE),
        (9_000.0, MAX_SCALE),
    ],
)
def test_a_wait_is_a_share_of_what_the_endpoint_takes(first_token_ms: float, scale: float) -> None:
    waited_ms = Typing().pace.delay_ms(HERE, first_token_ms=first_token_ms)
    assert waited_ms == pytest.approx(DELAY_MS_BY_POSITION[PositionKind.LINE_START] * scale)


def test_where_suggestions_are_unwelcome_only_a_long_pause_is_answered() -> None:
    assert Typing().pace.delay_ms(HERE, unwelcome=True) == SUPPRESSED_DELAY_MS


def test_without_credit_a_pause_is_waited_for_by_the_users_own_rhythm() -> None:
    quick, slow = Typing(), Typing()
    quick.keys(30, 100)
    slow.keys(30, 200)
    for typing in (quick, slow):
        for _ in range(4):
            typing.pace.record_request()
    assert quick.pace.delay_ms(HERE) == pytest.approx(160)
    assert slow.pace.delay_ms(HERE) == pytest.approx(320)


@pytest.mark.parametrize(("interval_ms", "expected_ms"), [(20, MIN_PAUSE_MS), (900, MAX_PAUSE_MS)])
def test_the_wait_for_a_pause_has_bounds(interval_ms: float, expected_ms: float) -> None:
    typing = Typing()
    typing.keys(30, interval_ms)
    for _ in range(4):
        typing.pace.record_request()
    assert typing.pace.delay_ms(HERE) == expected_ms


def test_thinking_pauses_do_not_count_as_rhythm() -> None:
    typing = Typing()
    typing.keys(20, 100)
    typing.keys(20, 5000)
    for _ in range(4):
        typing.pace.record_request()
    assert typing.pace.delay_ms(HERE) == pytest.approx(160)


def test_keys_earn_requests_again() -> None:
    typing = Typing()
    for _ in range(4):
        typing.pace.record_request()
    assert typing.pace.delay_ms(HERE) > DELAY_MS_BY_POSITION[PositionKind.LINE_START]
    typing.keys(5, 100)
    assert typing.pace.delay_ms(HERE) == DELAY_MS_BY_POSITION[PositionKind.LINE_START]


def test_a_setting_pins_the_wait() -> None:
    typing = Typing(pinned_ms=75)
    for _ in range(9):
        typing.pace.record_request()
    assert typing.pace.delay_ms(HERE) == 75


def test_editors_that_ask_once_for_several_keys_earn_and_type_as_much() -> None:
    """Neovim's own inline completion asks when no key has come for a while."""
    each, seldom = Typing(), Typing()
    for typing in (each, seldom):
        for _ in range(3):
            typing.pace.record_request()
    each.keys(15, 80.0)
    seldom.keys(15, 80.0, at_once=5)
    assert (
        seldom.pace.delay_ms(HERE)
        == each.pace.delay_ms(HERE)
        == DELAY_MS_BY_POSITION[PositionKind.LINE_START]
    )
    for typing in (each, seldom):
        for _ in range(3):
            typing.pace.record_request()
    assert (
        seldom.pace.delay_ms(HERE)
        == each.pace.delay_ms(HERE)
        > DELAY_MS_BY_POSITION[PositionKind.LINE_START]
    )
