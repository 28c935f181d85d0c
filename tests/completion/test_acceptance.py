"""What counts as accepted, rejected or neither, and what follows from it."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.acceptance import (
    MIN_DISPLAY_MS,
    PASSED_OVER_FOR_MS,
    PONDERED_MS,
    REJECTIONS,
    AcceptanceTracker,
)
from devstral_lsp.completion.types import Completion, CursorContext
from devstral_lsp.text import Span

URI = "file:///a.py"


class User:
    def __init__(self) -> None:
        self.now_ms = 0.0
        self.habits = AcceptanceTracker(lambda: self.now_ms)
        self.count = 0

    def sees(self, marked: str, text: str, for_ms: float = MIN_DISPLAY_MS) -> str:
        self.count += 1
        completion = Completion(text=text, span=Span(0, 0), provider="x", id=str(self.count))
        self.habits.shown(URI, CursorContext.from_marked(marked, "python"), completion)
        self.now_ms += for_ms
        return completion.id

    def types(self, marked: str) -> None:
        self.habits.moved(URI, CursorContext.from_marked(marked, "python"))

    def rejects(self, times: int = 1, for_ms: float = MIN_DISPLAY_MS) -> None:
        for _ in range(times):
            self.sees("x = │", "sum(y)", for_ms)
            self.types("x = max│")

    def passed_over(self, marked: str) -> bool:
        return self.habits.is_passed_over(URI, CursorContext.from_marked(marked, "python"))

    def unwelcome(self, marked: str = "y = │") -> bool:
        return self.habits.is_suppressed(CursorContext.from_marked(marked, "python"))


def test_five_rejections_in_a_row_make_a_kind_of_place_unwelcome() -> None:
    user = User()
    user.rejects(4)
    assert not user.unwelcome()
    user.rejects()
    assert user.unwelcome()
    assert not user.unwelcome("foo(│"), "another kind of place"
    assert not user.habits.is_suppressed(CursorContext.from_marked("y = │", "go")), (
        "another language"
    )


def test_far_down_in_a_document_it_is_the_same() -> None:
    user, above = User(), "# a line\n" * 100
    for _ in range(REJECTIONS):
        user.sees(f"{above}x = │", "sum(y)")
        user.types(f"{above}x = max│")
    assert user.unwelcome()


def test_what_was_not_read_was_not_rejected() -> None:
    user = User()
    user.rejects(REJECTIONS, for_ms=MIN_DISPLAY_MS / 2)
    assert not user.unwelcome()


def test_the_rest_of_a_suggestion_has_been_read_as_long_as_its_beginning() -> None:
    user = User()
    for _ in range(REJECTIONS):
        user.sees("x = │", "sum(y)", MIN_DISPLAY_MS / 2)
        user.sees("x = s│", "um(y)", MIN_DISPLAY_MS / 2)
        user.types("x = sort│")
    assert user.unwelcome()


def test_what_was_taken_and_typed_on_from_was_not_rejected() -> None:
    """Helix does not say what was taken, and asks again at the next bracket or dot."""
    user = User()
    for _ in range(REJECTIONS):
        user.sees("x = │", "sum(y)")
        user.types("x = sum(y)\nz = max(│")
    assert not user.unwelcome()
    user.rejects(REJECTIONS - 1)
    user.sees("x = │", "for y in z:\n    y.run()")
    user.types("x = for y in z:\n    y.run()\ny.│")
    user.rejects()
    assert not user.unwelcome(), "what was taken made it welcome again"


@pytest.mark.parametrize(("late_ms", "unwelcome"), [(MIN_DISPLAY_MS, False), (0.0, True)])
def test_the_time_of_reading_starts_when_the_editor_says_so(
    late_ms: float, unwelcome: bool
) -> None:
    user = User()
    for _ in range(REJECTIONS):
        completion_id = user.sees("x = │", "sum(y)", late_ms)
        user.habits.displayed(completion_id)
        user.now_ms += MIN_DISPLAY_MS - late_ms
        user.types("x = max│")
    assert user.unwelcome() is unwelcome


def test_saying_so_again_for_the_rest_starts_nothing_anew() -> None:
    user = User()
    for _ in range(REJECTIONS):
        user.habits.displayed(user.sees("x = │", "sum(y)", 0))
        user.now_ms += MIN_DISPLAY_MS
        user.habits.displayed(user.sees("x = s│", "um(y)", 0))
        user.types("x = sort│")
    assert user.unwelcome()


def test_what_is_not_known_is_not_seen() -> None:
    user = User()
    user.sees("x = │", "sum(y)")
    user.habits.displayed("another")
    user.types("x = max│")
    user.rejects(REJECTIONS - 1)
    assert user.unwelcome()


def test_an_acceptance_makes_it_welcome_again() -> None:
    user = User()
    user.rejects(REJECTIONS)
    user.habits.accepted(user.sees("x = │", "sum(y)"))
    assert not user.unwelcome()


def test_typing_a_suggestion_to_its_end_is_as_good_as_accepting_it() -> None:
    user = User()
    user.rejects(REJECTIONS)
    user.sees("x = │", "sum(y)")
    user.types("x = sum(│)")
    user.types("x = sum(y)│")
    assert not user.unwelcome()


def test_going_elsewhere_says_nothing() -> None:
    user = User()
    user.rejects(REJECTIONS - 1)
    user.sees("x = │\ny = 1\n", "sum(y)")
    user.types("x = \nfoo()\nbar()\nbaz() + │1\n" + "# far away\n" * 20)
    assert not user.unwelcome()


def test_a_closed_document_is_forgotten() -> None:
    user = User()
    user.rejects(REJECTIONS - 1)
    user.sees("x = │", "sum(y)")
    user.habits.forget(URI)
    user.types("x = max│")
    assert not user.unwelcome()


SHOWN, TYPED_ON, SLIPPED = "x = │", "x = s│", "x = sj│"


@pytest.mark.parametrize(
    ("paused_ms", "passed_over"), [(PONDERED_MS, True), (PONDERED_MS - 1, False)]
)
def test_what_was_read_and_typed_on_does_not_come_back_after_a_slip(
    paused_ms: float, passed_over: bool
) -> None:
    user = User()
    user.sees(SHOWN, "sum(y)", paused_ms)
    user.types(TYPED_ON)
    user.sees(TYPED_ON, "um(y)", 100)
    assert not user.passed_over(TYPED_ON), "it goes on standing while it is typed along"
    user.types(SLIPPED)
    assert user.passed_over(TYPED_ON) is passed_over
    assert user.passed_over("x = su│") is passed_over
    assert not user.passed_over("x = so│"), "contradicted: there is something else to say"


def test_what_was_passed_over_may_come_back_later_or_when_its_document_is_opened_anew() -> None:
    for leave in (
        lambda user: user.habits.forget(URI),
        lambda user: setattr(user, "now_ms", user.now_ms + PASSED_OVER_FOR_MS),
    ):
        user = User()
        user.sees(SHOWN, "sum(y)", PONDERED_MS)
        user.types(TYPED_ON)
        user.sees(TYPED_ON, "um(y)", 100)
        user.types(SLIPPED)
        assert user.passed_over(TYPED_ON)
        leave(user)
        assert not user.passed_over(TYPED_ON)


def test_a_part_that_was_taken_after_a_pause_is_no_key() -> None:
    user = User()
    user.sees(SHOWN, "sum(y)", PONDERED_MS)
    user.types("x = sum│")
    user.sees("x = sum│", "(y)", 100)
    user.types("x = sum[│")
    assert not user.passed_over("x = sum│")
