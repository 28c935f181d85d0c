"""What stands before the user's eyes stays there, and who has the first word."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.engine import SURE_ENOUGH, Completer
from devstral_lsp.completion.request import Tier, Trigger
from devstral_lsp.completion.screen import PAUSE_MS
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.providers.base import Limits
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

SOON = Settings(completion=CompletionSettings(debounce_ms=0))


class Editor:
    """Asks, and tells what it would show. `sure` is what the user's own code says."""

    def __init__(self, provider: ScriptedProvider | None, *sure: str) -> None:
        self.clock = ManualClock()
        self.local = ScriptedProvider(*sure, *[""] * 20, name="local")
        self.local.limits = Limits(instant=True)
        self.completer = Completer(
            SOON, fim=provider, local=self.local, clock=self.clock.as_clock()
        )

    async def shown(self, marked: str, **how: object) -> str | None:
        completions = await self.completer.complete(request_at(marked, **how))  # type: ignore[arg-type]
        self.tier = completions[0].tier if completions else None
        return completions[0].text if completions else None


async def test_what_stands_is_not_replaced_by_what_does_not_extend_it() -> None:
    editor = Editor(ScriptedProvider("sum(items)\n", "sum(values)\n"))
    assert await editor.shown("a = 1\ntotal = │\n") == "sum(items)"
    assert await editor.shown("total = │\n") == "sum(values)"
    assert await editor.shown("total = s│\n") == "um(values)"
    assert await editor.shown("a = 1\ntotal = s│\n") == "um(items)"


@pytest.mark.parametrize(("after_ms", "expected"), [(0.0, "um(items)"), (PAUSE_MS, "um(values)")])
async def test_an_answer_of_later_waits_for_a_pause(after_ms: float, expected: str) -> None:
    provider = ScriptedProvider("um(values)\n", "sum(items)\n")
    editor = Editor(provider)
    assert await editor.shown("total = s│\n") == "um(values)"
    assert await editor.shown("total = │\n") == "sum(items)"
    await editor.clock.pass_s(after_ms / 1000)
    assert await editor.shown("total = s│\n") == expected
    assert len(provider.calls) == 2


async def test_windows_line_ends_stay_what_they_are_while_typing_along() -> None:
    editor = Editor(ScriptedProvider("x:\n    go()\n\nmore()\n"))
    assert await editor.shown("if │\r\n") == "x:\r\n    go()"
    assert await editor.shown("if x│\r\n") == ":\r\n    go()"


async def test_brackets_that_the_editor_closed_are_not_shown_twice() -> None:
    editor = Editor(ScriptedProvider("sum(items)\n"))
    assert await editor.shown("total = │\n") == "sum(items)"
    assert await editor.shown("total = sum(│)\n") == "items"


async def test_what_the_own_code_is_sure_of_is_shown_before_the_network_is_heard() -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)")
    assert await editor.shown("total = │\n") == "sum(items)"
    assert editor.tier is Tier.LOCAL
    await settle()
    assert len(provider.calls) == 1, "it may say how that goes on"
    provider.calls[0].say("sum(items) + 1\n")
    await settle()
    assert await editor.shown("total = s│\n") == "um(items) + 1"


async def test_too_little_to_take_waits_for_the_network() -> None:
    editor = Editor(ScriptedProvider("sum(items)\n"), "sum"[: SURE_ENOUGH - 1])
    assert await editor.shown("total = │\n") == "sum(items)"


async def test_by_hand_the_network_is_heard() -> None:
    editor = Editor(ScriptedProvider("sum(items) + 1\n"), "sum(items)")
    assert await editor.shown("total = │\n", trigger=Trigger.INVOKED) == "sum(items) + 1"


async def test_where_both_say_something_else_the_one_that_is_sure_is_believed() -> None:
    editor = Editor(ScriptedProvider("sorted(items)\n"), "sum")
    assert await editor.shown("total = │\n") == "sum"
    assert editor.tier is Tier.LOCAL
