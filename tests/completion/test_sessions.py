"""Whose turn it is in a document, as the engine's answers show it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.sessions import (
    ORPHAN_STREAM_TTL_S,
    READY_NOTIFICATION_TTL_S,
    DocumentSession,
)
from devstral_lsp.completion.types import TriggerKind
from devstral_lsp.config.schema import Settings
from tests.completion.test_engine import Bench
from tests.support.scripted import ScriptedProvider, request_at, settle

URI = "file:///work/a.py"


async def test_whoever_types_on_does_not_wait_for_candidates() -> None:
    provider = ScriptedProvider("sum(items)\n")
    bench = Bench(provider)
    by_hand = {"trigger": TriggerKind.INVOKED}
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
    by_hand = {"trigger": TriggerKind.INVOKED}
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
        bench.completer.forget(URI)
    await bench.clock.pass_s(5)
    assert await task == []
    assert provider.calls == []


async def test_of_too_many_streams_the_one_longest_ago_ends_and_never_the_newest() -> None:
    provider = ScriptedProvider("one\n")
    bench = Bench(provider)
    assert await bench.shown("x = │\n", uri="file:///first.py") == "one"
    for uri in ("file:///1.py", "file:///2.py", "file:///3.py", "file:///4.py"):
        bench.ask("x = │\n", uri=uri)
        await settle()
    newest = bench.ask("y = │\n", uri="file:///first.py")
    await settle()
    assert [call.closed for call in provider.calls[1:]] == [True, False, False, False, False]
    provider.calls[-1].say("two\n")
    assert len(await newest) == 1
    await bench.completer.close()


async def test_whoever_waits_for_a_pause_is_answered_as_soon_as_the_text_changes() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider, settings=Settings())
    asking = bench.ask("x = a│\n")
    await settle()
    assert bench.clock.sleeping
    bench.completer.changed(URI)
    await settle()
    assert asking.done()
    assert await asking == []
    await bench.clock.pass_s(5)
    assert provider.calls == [], "nobody would have seen the answer"


async def test_a_change_ends_the_answer_and_not_the_stream() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    asking = bench.ask("total = │\n")
    await settle()
    bench.completer.changed(URI)
    await settle()
    assert asking.done()
    assert await asking == []
    next_asking = bench.ask("total = s│\n", version=2)
    await settle()
    await bench.clock.pass_s(2 * ORPHAN_STREAM_TTL_S)
    provider.calls[0].say("sum(items)\n")
    assert (await next_asking)[0].text == "um(items)"
    assert len(provider.calls) == 1


async def test_a_stream_goes_on_while_there_is_typing_and_nobody_asks() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    bench.ask("total = │\n")
    await settle()
    for _ in range(3):
        bench.completer.changed(URI)
        await settle()
        await bench.clock.pass_s(0.8 * ORPHAN_STREAM_TTL_S)
        assert not provider.calls[0].closed, "an editor may wait for a pause before it asks"
    await bench.clock.pass_s(ORPHAN_STREAM_TTL_S)
    assert provider.calls[0].closed


async def test_a_change_elsewhere_or_after_the_answer_hangs_nothing_up() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    asking = bench.ask("total = │\n")
    await settle()
    bench.completer.changed("file:///work/b.py")
    await bench.clock.pass_s(2 * ORPHAN_STREAM_TTL_S)
    provider.calls[0].say("sum(items)\n")
    assert (await asking)[0].text == "sum(items)"
    bench.completer.changed(URI)
    await bench.clock.pass_s(2 * ORPHAN_STREAM_TTL_S)
    assert not provider.calls[0].closed, "what follows is kept for where acceptance leads"


@pytest.mark.parametrize("patience_ms", [None, 500.0])
async def test_cancelling_a_request_whose_turn_is_over_leaves_the_stream_to_the_next(
    patience_ms: float | None,
) -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    request = replace(request_at("total = │\n"), deadline_ms=patience_ms)
    asking = asyncio.create_task(bench.completer.complete(request))
    await settle()
    next_asking = bench.ask("total = s│\n", version=2)
    await asyncio.sleep(0)
    asking.cancel()
    await settle()
    await bench.clock.pass_s(READY_NOTIFICATION_TTL_S)
    assert not provider.calls[0].closed
    provider.calls[0].say("sum(items)\n")
    assert (await next_asking)[0].text == "um(items)"
    assert len(provider.calls) == 1


def test_an_editor_may_ask_once_for_several_keys() -> None:
    document = DocumentSession(Clock())
    versions = (7, 8, 12, 12, 3, None, 9)
    assert [document.keystrokes_since(each) for each in versions] == [1, 1, 4, 1, 1, 1, 1]
