"""What is learned of an endpoint's time to its first token."""

from __future__ import annotations

import asyncio

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.latency import (
    FAST_ENDPOINT_MS,
    MAX_MS,
    QUICK_S,
    USUAL_MS,
    Latency,
    head_start_s,
)
from devstral_lsp.config.schema import Settings
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle


def test_it_follows_the_endpoint_and_not_a_single_answer() -> None:
    latency = Latency()
    latency.observe(1_000.0)
    assert USUAL_MS < latency.first_token_ms < 500
    for _ in range(30):
        latency.observe(1_000.0)
    assert latency.first_token_ms == pytest.approx(1_000.0, rel=0.01)


def test_a_stream_that_hung_says_little() -> None:
    hung, slow = Latency(), Latency()
    hung.observe(3_600_000.0)
    slow.observe(MAX_MS)
    assert hung.first_token_ms == slow.first_token_ms


async def test_the_wait_grows_with_what_the_endpoint_took() -> None:
    clock, provider = ManualClock(), ScriptedProvider()
    completer = CompletionEngine(Settings(), fim=provider, local=None, clock=clock.as_clock())

    async def waited_s(marked: str) -> float:
        task = asyncio.create_task(completer.complete(request_at(marked)))
        await settle()
        wait_s = max(clock.sleeping)  # the other one is the head start
        await clock.pass_s(wait_s)
        await clock.pass_s(2.0)
        provider.calls[-1].say("one\n")
        provider.calls[-1].end()
        await task
        return wait_s

    assert await waited_s("a = │\n") < await waited_s("bcd = │\n")


@pytest.mark.parametrize(
    ("first_token_ms", "head_start"),
    [
        (3.0, FAST_ENDPOINT_MS / 1000),
        (FAST_ENDPOINT_MS, FAST_ENDPOINT_MS / 1000),
        (FAST_ENDPOINT_MS + 1, QUICK_S),
        (220.0, QUICK_S),
    ],
)
def test_an_endpoint_as_swift_as_local_is_heard_first(
    first_token_ms: float, head_start: float
) -> None:
    assert head_start_s(first_token_ms) == head_start
