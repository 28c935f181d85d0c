"""What the user switches off and snoozes for a session."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from devstral_lsp.completion.switches import EVERYWHERE, Switches
from devstral_lsp.completion.types import TriggerKind
from tests.support.scripted import ManualClock, request_at, settle

REQUEST = request_at("x│", language="go")
BY_HAND = request_at("x│", language="go", trigger=TriggerKind.INVOKED)
URI = REQUEST.snapshot.uri


@dataclass
class Bench:
    """Switches with a clock in the test's hands, and how often there was news of them."""

    clock: ManualClock = field(default_factory=ManualClock)
    news: int = 0

    def __post_init__(self) -> None:
        self.switches = Switches(self.clock.as_clock(), self._hear)

    def _hear(self) -> None:
        self.news += 1

    @property
    def silent(self) -> tuple[bool, bool]:
        """Whether nothing comes: while typing, and by hand."""
        return bool(self.switches.silence(REQUEST)), bool(self.switches.silence(BY_HAND))


@pytest.mark.parametrize(
    ("where", "words"), [(EVERYWHERE, "off until"), (URI, "in this file"), ("go", "for go")]
)
async def test_off_is_off_until_it_is_on_again(where: str, words: str) -> None:
    bench = Bench()
    assert bench.silent == (False, False)
    bench.switches.toggle(where, on=None)
    assert bench.silent == (True, True)
    assert words in bench.switches.off_reason(REQUEST.snapshot)
    bench.switches.toggle(where, on=False)
    assert bench.silent == (True, True)
    bench.switches.toggle(where, on=None)
    assert bench.silent == (False, False)
    bench.switches.toggle(where, on=True)
    assert bench.silent == (False, False)
    assert bench.news == 4


async def test_other_files_and_languages_stay_on() -> None:
    bench = Bench()
    bench.switches.toggle("python", on=False)
    bench.switches.toggle("file:///other.go", on=False)
    assert bench.silent == (False, False)
    assert bench.switches.off_reason(None) == ""


async def test_a_file_is_off_while_its_language_is() -> None:
    bench = Bench()
    bench.switches.toggle("go", on=False)
    bench.switches.toggle(URI, on=True)
    assert bench.silent == (True, True)


async def test_a_snooze_ends_by_itself_and_leaves_asking_by_hand_alone() -> None:
    bench = Bench()
    bench.switches.snooze(5)
    await settle()
    assert bench.silent == (True, False)
    assert "5 minutes" in bench.switches.snooze_reason
    await bench.clock.pass_s(299)
    assert bench.silent == (True, False)
    await bench.clock.pass_s(1)
    assert bench.silent == (False, False)
    assert bench.news == 2, "the status is drawn anew"


async def test_the_last_snooze_counts() -> None:
    bench = Bench()
    bench.switches.snooze(5)
    await settle()
    bench.switches.snooze(None)
    await bench.clock.pass_s(100_000)
    assert bench.silent == (True, False)
    assert "restarts" in bench.switches.snooze_reason
    bench.switches.snooze(0)
    assert bench.silent == (False, False)
