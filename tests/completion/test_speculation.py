"""Asking ahead of the user: only where switched on, counted, and joined when it was right."""

from __future__ import annotations

import asyncio

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import Completion, Origin
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.providers.metering import ProviderLimits, QuotaState
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

AHEAD = Settings(completion=CompletionSettings(debounce_ms=0, speculate=True))


def completer(provider: ScriptedProvider, settings: Settings = AHEAD) -> CompletionEngine:
    return CompletionEngine(settings, fim=provider, local=None, clock=ManualClock().as_clock())


async def completed(engine: CompletionEngine, marked: str) -> Completion | None:
    found = await engine.complete(request_at(marked))
    await settle()
    return found[0] if found else None


async def test_what_comes_after_acceptance_is_asked_meanwhile() -> None:
    provider = ScriptedProvider("sum(items)")
    engine = completer(provider)
    await completed(engine, "total = │\n")
    assert len(provider.calls) == 2
    assert provider.calls[1].request.prompt == "total = sum(items)"
    assert engine.speculative_requests == 1
    provider.calls[1].say("\nprint(total)\n")
    accepted = await completed(engine, "total = sum(items)│\n")
    assert accepted is not None
    assert (accepted.text, accepted.tier) == ("\nprint(total)", Origin.INFLIGHT)


async def test_a_wrong_guess_is_hung_up_by_the_next_key() -> None:
    provider = ScriptedProvider("sum(items)")
    engine = completer(provider)
    await completed(engine, "total = │\n")
    provider.calls[1].say("\nprint(total)\n")
    await settle()
    running = asyncio.ensure_future(completed(engine, "total = max│\n"))
    await settle()
    assert provider.calls[1].closed
    provider.calls[2].say("(items)\n")
    found = await running
    assert found is not None
    assert found.text == "(items)"


async def test_what_is_known_already_is_not_asked() -> None:
    provider = ScriptedProvider("sum(items)\nprint(total)\n")
    engine = completer(provider)
    await completed(engine, "total = │\n")
    assert len(provider.calls) == 1
    assert engine.speculative_requests == 0


async def test_a_stream_that_still_runs_is_speculation_enough() -> None:
    provider = ScriptedProvider()
    engine = completer(provider)
    running = asyncio.ensure_future(completed(engine, "total = │\n"))
    await settle()
    provider.calls[0].say("sum(items)\n")
    assert await running is not None
    assert len(provider.calls) == 1
    provider.calls[0].end(FinishReason.STOP)


async def test_it_is_off_unless_switched_on() -> None:
    provider = ScriptedProvider("sum(items)")
    engine = completer(provider, Settings(completion=CompletionSettings(debounce_ms=0)))
    await completed(engine, "total = │\n")
    assert len(provider.calls) == 1


async def test_tiers() -> None:
    provider = ScriptedProvider("sum(items)\n")
    engine = completer(provider, Settings(completion=CompletionSettings(debounce_ms=0)))
    asked, remembered = (
        await completed(engine, "total = │\n"),
        await completed(engine, "total = s│\n"),
    )
    assert asked is not None
    assert remembered is not None
    assert (asked.tier, remembered.tier) == (Origin.REQUEST, Origin.CACHE)


@pytest.mark.parametrize(
    ("quota", "asked"), [(QuotaState.SCARCE, 1), (QuotaState.UNKNOWN, 1), (QuotaState.AMPLE, 2)]
)
async def test_the_quota_decides_where_the_user_leaves_it_to_that(
    quota: QuotaState, asked: int
) -> None:
    provider = ScriptedProvider("sum(items)")
    provider.limits = ProviderLimits(quota=quota)
    settings = Settings(completion=CompletionSettings(debounce_ms=0, speculate="auto"))
    await completed(completer(provider, settings), "total = │\n")
    assert len(provider.calls) == asked
