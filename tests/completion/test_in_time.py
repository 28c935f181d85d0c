"""An editor with little patience gets what is complete, and hears when there is more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.sessions import READY_NOTIFICATION_TTL_S
from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.config.schema import CompletionSettings, Settings
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

PATIENCE_MS = 600.0
OPENED = "def area(│\n"


class Hasty:
    """A completer whose editor gives up soon; `told` are the requests it may ask again."""

    def __init__(self, *answers: str) -> None:
        self.provider = ScriptedProvider(*answers)
        self.clock = ManualClock()
        self.told: list[CompletionRequest] = []
        self.completer = CompletionEngine(
            Settings(completion=CompletionSettings(debounce_ms=0)),
            fim=self.provider,
            local=None,
            ready=self.told.append,
            clock=self.clock.as_clock(),
        )

    def request(self, marked: str) -> CompletionRequest:
        return replace(request_at(marked), deadline_ms=PATIENCE_MS)

    async def ask(self, marked: str) -> asyncio.Task[list[Completion]]:
        task = asyncio.create_task(self.completer.complete(self.request(marked)))
        await settle()
        return task

    async def give_up(self, task: asyncio.Task[list[Completion]]) -> None:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await settle()


async def test_what_is_complete_in_time_is_the_answer_and_the_rest_is_told_of() -> None:
    editor = Hasty()
    task = await editor.ask(OPENED)
    editor.provider.calls[0].say("width, height):\n    wide = wid")
    await settle()
    assert not task.done(), "the block has not ended"
    await editor.clock.pass_s(PATIENCE_MS / 1000)
    assert [each.text for each in await task] == ["width, height):"]
    assert editor.told == []
    editor.provider.calls[0].say("th * height\n    return wide\n\n")
    editor.provider.calls[0].end()
    await settle()
    assert [each.offset for each in editor.told] == [len("def area(")]
    again = await editor.ask(OPENED)
    assert (await again)[0].text == "width, height):\n    wide = width * height\n    return wide"
    assert len(editor.provider.calls) == 1


async def test_who_was_answered_in_time_hurries_nobody_any_more() -> None:
    editor = Hasty("sum(items)\n")
    task = await editor.ask("total = │\n")
    assert (await task)[0].text == "sum(items)"
    await settle()
    assert editor.clock.sleeping == []


async def test_without_a_whole_line_the_answer_still_waits() -> None:
    editor = Hasty()
    task = await editor.ask("total = │\n")
    editor.provider.calls[0].say("sum(")
    await editor.clock.pass_s(2 * PATIENCE_MS / 1000)
    assert not task.done()
    editor.provider.calls[0].say("items)\n")
    assert (await task)[0].text == "sum(items)"
    await settle()
    assert editor.told == [], "all there is has been shown"


async def test_a_request_given_up_is_heard_out_and_told_of() -> None:
    editor = Hasty()
    task = await editor.ask("total = │\n")
    await editor.give_up(task)
    await editor.clock.pass_s(READY_NOTIFICATION_TTL_S - 1)
    assert not editor.provider.calls[0].closed
    editor.provider.calls[0].say("sum(items)\n")
    await settle()
    assert len(editor.told) == 1
    again = await editor.ask("total = │\n")
    assert (await again)[0].text == "sum(items)"
    assert len(editor.provider.calls) == 1


async def test_nobody_is_told_of_nothing() -> None:
    editor = Hasty()
    task = await editor.ask("total = │\n")
    await editor.give_up(task)
    editor.provider.calls[0].end()
    await settle()
    assert editor.told == []


async def test_a_newer_request_is_not_interrupted() -> None:
    editor = Hasty()
    task = await editor.ask("total = │\n")
    await editor.give_up(task)
    newer = await editor.ask("total = s│\n")
    editor.provider.calls[0].say("sum(items)\n")
    assert (await newer)[0].text == "um(items)"
    await settle()
    assert editor.told == []


async def test_it_is_not_waited_for_ever() -> None:
    editor = Hasty()
    task = await editor.ask("total = │\n")
    await editor.give_up(task)
    await editor.clock.pass_s(READY_NOTIFICATION_TTL_S + 0.1)
    assert editor.provider.calls[0].closed
    assert editor.told == []
