"""Whose turn it is in a document, as the engine's answers show it."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.documents import OpenDocument
from devstral_lsp.completion.request import Trigger
from devstral_lsp.config.schema import Settings
from tests.completion.test_engine import Bench
from tests.support.scripted import ScriptedProvider, settle


async def test_whoever_types_on_does_not_wait_for_candidates() -> None:
    provider = ScriptedProvider("sum(items)\n")
    bench = Bench(provider)
    by_hand = {"trigger": Trigger.INVOKED}
    await bench.ask("x = │\n", **by_hand)
    again = bench.ask("x = │\n", **by_hand)
    await settle()
    assert len(provider.calls) == 3, "two that never say anything"
    assert await bench.shown("x = s│\n") == "um(items)"
    assert len(await again) == 1
    await settle()
    assert all(call.closed for call in provider.calls)


async def test_candidates_are_those_of_the_same_text() -> None:
    """Some editors give a version twice."""
    provider = ScriptedProvider("sum(items)\n", "one\n", "two\n", "three\n", "four\n")
    bench = Bench(provider)
    by_hand = {"trigger": Trigger.INVOKED}
    await bench.ask("x = │\n", **by_hand)
    await bench.ask("x = │\n", **by_hand)
    assert [each.text for each in await bench.ask("y = │\n", **by_hand)] == ["three"]


@pytest.mark.parametrize("closes", ["document", "all"])
async def test_nothing_is_asked_for_what_has_been_closed(closes: str) -> None:
    provider = ScriptedProvider("sum(items)\n")
    bench = Bench(provider, local=ScriptedProvider("min(items)\n"), settings=Settings())
    task = bench.ask("x = a│\n")
    await settle()
    assert bench.clock.sleeping, "it waits for a pause"
    if closes == "all":
        await bench.completer.close()
    else:
        bench.completer.forget("file:///work/a.py")
    await bench.clock.pass_s(5)
    assert await task == []
    assert provider.calls == []


def test_an_editor_may_ask_once_for_several_keys() -> None:
    document = OpenDocument(Clock())
    versions = (7, 8, 12, 12, 3, None, 9)
    assert [document.keys_until(each) for each in versions] == [1, 1, 4, 1, 1, 1, 1]
