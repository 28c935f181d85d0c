"""Further suggestions: asked differently, heard no longer than needed, never the same twice."""

from __future__ import annotations

import asyncio

import pytest

from devstral_lsp.completion.alternatives import deduplicate, request_alternatives
from devstral_lsp.completion.types import Completion, CompletionKind, CursorContext
from devstral_lsp.errors import RateLimited
from devstral_lsp.providers.base import FimRequest, FinishReason
from devstral_lsp.text import Span
from tests.support.scripted import ScriptedProvider, settle

REQUEST = FimRequest(prompt="x = ", suffix="\n", max_tokens=64, stop=("%%",), random_seed=7)
PLACE = CursorContext.from_marked("x = │\n", "python")


async def said(provider: ScriptedProvider) -> list[str]:
    return [
        draft.text
        for draft in await request_alternatives(provider, REQUEST, PLACE, CompletionKind.STATEMENT)
    ]


async def test_each_is_asked_with_a_seed_of_its_own() -> None:
    provider = ScriptedProvider("1", "2")
    assert await said(provider) == ["1", "2"]
    assert [call.request.random_seed for call in provider.calls] == [8, 9]


async def test_a_failure_gives_fewer() -> None:
    assert await said(ScriptedProvider(RateLimited("later"), "2")) == ["2"]
    assert await said(ScriptedProvider("", "2")) == ["2"]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["f(1)%%", "no more"], "f(1)"),
        (["f(1)\n", "a = 1\nb = 2\nc = 3\nd = 4\n"], "f(1)"),
        (["f(\r", "\n    1)\r", "\ny = 2\n" * 4], "f(\n    1)"),
    ],
)
async def test_each_is_heard_until_it_has_said_enough(pieces: list[str], expected: str) -> None:
    provider = ScriptedProvider()
    hearing = asyncio.create_task(said(provider))
    await settle()
    for call in provider.calls:
        for piece in pieces:
            call.say(piece)
    assert await hearing == [expected, expected]
    await settle()
    assert all(call.closed for call in provider.calls)


async def test_what_is_complete_is_not_taken_for_cut() -> None:
    provider = ScriptedProvider()
    hearing = asyncio.create_task(
        request_alternatives(provider, REQUEST, PLACE, CompletionKind.STATEMENT)
    )
    await settle()
    for call, text in zip(provider.calls, ("f(1)\ng(", "f(1"), strict=True):
        call.say(text)
        call.end(FinishReason.LENGTH)
    assert [(each.text, each.finish) for each in await hearing] == [
        ("f(1)", FinishReason.STOP),
        ("f(1", FinishReason.LENGTH),
    ]


async def test_who_is_no_longer_wanted_is_hung_up() -> None:
    provider = ScriptedProvider()
    hearing = asyncio.create_task(said(provider))
    await settle()
    hearing.cancel()
    await settle()
    assert [call.closed for call in provider.calls] == [True, True]


def test_the_same_but_for_blanks_is_shown_once() -> None:
    texts = ["f(a, b)", "f(a,b)", "g(a)"]
    completions = [Completion(text=each, span=Span(0, 0), provider="") for each in texts]
    assert [each.text for each in deduplicate(completions)] == ["f(a, b)", "g(a)"]
