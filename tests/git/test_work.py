"""Work is bounded by time, bytes and steps, and can be stopped from another thread."""

from __future__ import annotations

import pytest

from devstral_lsp.git.work import Unreadable, Work


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(clock: Clock) -> Work:
    return Work(2.0, 10, 5, clock)


def test_bytes_are_bounded(work: Work) -> None:
    work.spend(10)
    with pytest.raises(Unreadable):
        work.spend(1)


def test_steps_are_bounded(work: Work) -> None:
    for _ in range(5):
        work.spend()
    with pytest.raises(Unreadable):
        work.spend()


def test_time_is_bounded(work: Work, clock: Clock) -> None:
    clock.now_s += 2.0
    work.spend()
    assert not work.is_late
    clock.now_s += 0.1
    assert work.is_late
    with pytest.raises(Unreadable):
        work.spend()


def test_it_can_be_stopped(work: Work) -> None:
    work.stop()
    with pytest.raises(Unreadable):
        work.spend()
