"""When the surroundings are gathered, and that nothing is asked for whom nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import Completion, TriggerKind
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.text import Snapshot
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

HEAD = "+++++ a.py\n"


class Gathering:
    """A completer whose surroundings take as long as the test says."""

    def __init__(self, debounce_ms: int) -> None:
        self.began = self.given_up = 0
        self.gathered = asyncio.Event()
        self.provider = ScriptedProvider()
        self.clock = ManualClock()
        self.completer = CompletionEngine(
            Settings(completion=CompletionSettings(debounce_ms=debounce_ms)),
            fim=self.provider,
            local=None,
            head=self._head,
            clock=self.clock.as_clock(),
        )

    @property
    def asked(self) -> list[str]:
        return [call.request.prompt for call in self.provider.calls]

    async def ask(
        self, marked: str, trigger: TriggerKind = TriggerKind.AUTOMATIC
    ) -> asyncio.Task[list[Completion]]:
        request = request_at(marked, trigger=trigger)
        asking = asyncio.create_task(self.completer.complete(request))
        await settle()
        return asking

    async def _head(
        self,
        snapshot: Snapshot,
        offset: int,
        *,
        cells: Sequence[Snapshot] = (),
        characters_per_token: float = 0.0,
        share: float = 1.0,
    ) -> str:
        self.began += 1
        try:
            await self.gathered.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return HEAD


async def test_the_surroundings_are_gathered_while_a_pause_is_waited_for() -> None:
    gathering = Gathering(debounce_ms=200)
    gathering.gathered.set()
    asking = await gathering.ask("x = │\n")
    assert (gathering.began, gathering.asked) == (1, [])
    await gathering.clock.pass_s(0.3)
    assert gathering.asked == [f"{HEAD}x = "]
    gathering.provider.calls[0].say("sum(items)\n")
    assert [each.text for each in await asking] == ["sum(items)"]


async def test_what_is_gathered_is_given_up_once_somebody_types_on() -> None:
    gathering = Gathering(debounce_ms=200)
    first = await gathering.ask("x = │\n")
    second = await gathering.ask("x = y│\n")
    assert await first == []
    assert (gathering.began, gathering.given_up) == (2, 1)
    gathering.gathered.set()
    await gathering.clock.pass_s(0.3)
    assert gathering.asked == [f"{HEAD}x = y"]
    second.cancel()


@pytest.mark.parametrize("trigger", TriggerKind)
async def test_nothing_is_asked_where_somebody_typed_on_meanwhile(trigger: TriggerKind) -> None:
    gathering = Gathering(debounce_ms=0)
    first = await gathering.ask("x = │\n", trigger)
    second = await gathering.ask("x = y│\n", trigger)
    gathering.gathered.set()
    assert await first == []
    await settle()
    assert gathering.asked == [f"{HEAD}x = y"]
    second.cancel()
