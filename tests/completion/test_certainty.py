"""An answer ends at the first token of which its model is not certain."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator

import pytest

from devstral_lsp.completion.certainty import (
    MIN_LINE_LOGPROB,
    MIN_TOKEN_LOGPROB,
    until_uncertain,
)
from devstral_lsp.completion.types import TriggerKind
from devstral_lsp.providers.base import Chunk, FinishReason
from tests.completion.test_engine import Bench
from tests.support.scripted import ScriptedProvider, settle
from tests.support.streams import collect

SURE, GUESSED = math.log(0.9), MIN_TOKEN_LOGPROB - 0.1
JUST = MIN_LINE_LOGPROB / 2 + 0.01
"""Certain enough alone and twice in a line, not three times."""

Said = list[tuple[str, float | None]]


async def _stream(said: Said) -> AsyncGenerator[Chunk, None]:
    for text, logprob in said:
        yield Chunk(text, logprob=logprob)
    yield Chunk(finish=FinishReason.STOP)


@pytest.mark.parametrize(
    ("said", "text", "finish"),
    [
        ([("a", SURE), (" = ", SURE), ("b", SURE)], "a = b", FinishReason.STOP),
        ([("a", None), (" = ", None)], "a = ", FinishReason.STOP),
        (
            [("a", SURE), (" = ", SURE), ("b", GUESSED), ("()", SURE)],
            "a = ",
            FinishReason.UNCERTAIN,
        ),
        ([("a", GUESSED), (" = ", SURE)], "", FinishReason.UNCERTAIN),
        ([("a", SURE), ("\r\n\n  ", GUESSED), ("b", 0)], "a\n", FinishReason.UNCERTAIN),
        ([("rate", SURE), ("_of", GUESSED), ("(", 0)], "rate", FinishReason.UNCERTAIN),
        ([("rate", SURE), ("(", GUESSED), (")", 0)], "rate ", FinishReason.UNCERTAIN),
        ([("a", JUST), (" = ", JUST), ("b", JUST)], "a = ", FinishReason.UNCERTAIN),
        ([("a", JUST), ("()\n", JUST), ("b", JUST)], "a()\nb", FinishReason.STOP),
    ],
)
async def test_an_answer_ends_where_certainty_falls(
    said: Said, text: str, finish: FinishReason
) -> None:
    chunks = await collect(until_uncertain(_stream(said)))
    assert ("".join(chunk.text for chunk in chunks), chunks[-1].finish) == (text, finish)


async def _shown(bench: Bench, provider: ScriptedProvider, said: Said) -> str | None:
    """What is shown at `total = │` of an answer, whose stream is then closed."""
    asking = bench.ask("total = │\n")
    await settle()
    for text, logprob in said:
        provider.calls[-1].say(text, logprob)
    provider.calls[-1].end()
    await settle()
    assert provider.calls[-1].closed
    completions = await asking
    return completions[0].text if completions else None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([("sum(items)", SURE), (" * ", SURE), ("rate", GUESSED)], "sum(items)"),
        ([("sum(", SURE), ("prices", GUESSED), (")", SURE)], "sum"),
        ([("sum", GUESSED), ("(prices)", SURE)], None),
        ([("sum(items)\n", SURE), ("print(", SURE), ("rate", GUESSED)], "sum(items)"),
    ],
)
async def test_what_is_certain_is_shown_up_to_where_nothing_stays_open(
    said: Said, shown: str | None
) -> None:
    provider = ScriptedProvider()
    assert await _shown(Bench(provider), provider, said) == shown


async def test_the_same_place_is_asked_about_once() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    assert await _shown(bench, provider, [("sum", GUESSED), ("(prices)", SURE)]) is None
    assert await bench.shown("total = │\n") is None
    assert len(provider.calls) == 1


@pytest.mark.parametrize("first", ["sum", "sum(items)"])
async def test_by_hand_all_of_the_answer_is_shown(first: str) -> None:
    """Even where a part of it is remembered, or was not shown for want of certainty."""
    provider = ScriptedProvider()
    bench = Bench(provider)
    sure = SURE if first == "sum(items)" else GUESSED
    await _shown(bench, provider, [(first, sure), (" * rate", GUESSED)])
    asking = bench.ask("total = │\n", trigger=TriggerKind.INVOKED)
    await settle()
    provider.calls[1].say("sum(items)", GUESSED)
    provider.calls[1].say(" * rate\n", GUESSED)
    provider.calls[1].end()
    await settle()
    for alternative in provider.calls[2:]:
        alternative.end()
    assert [each.text for each in await asking] == ["sum(items) * rate"]
