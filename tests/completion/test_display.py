"""What stands before the user's eyes stays there, and who has the first word."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from devstral_lsp.completion import engine
from devstral_lsp.completion.acceptance import PONDERED_MS
from devstral_lsp.completion.display import REPLACE_AFTER_MS
from devstral_lsp.completion.engine import MIN_LOCAL_LENGTH, CompletionEngine
from devstral_lsp.completion.latency import QUICK_S
from devstral_lsp.completion.sessions import ORPHAN_STREAM_TTL_S
from devstral_lsp.completion.types import (
    CompletionRequest,
    CursorContext,
    Draft,
    Origin,
    TriggerKind,
)
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Span
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

SOON = Settings(completion=CompletionSettings(debounce_ms=0))


class Editor:
    """Asks, and tells what it would show. `sure` is what the user's own code says."""

    def __init__(
        self,
        provider: ScriptedProvider | None,
        *sure: str,
        finish: FinishReason = FinishReason.STOP,
    ) -> None:
        self.clock = ManualClock()
        self.told: list[CompletionRequest] = []
        self.local = ScriptedProvider(*sure, *[""] * 9, name="local", finish=finish)
        self.local.limits = ProviderLimits(is_local=True)
        self.completer = CompletionEngine(
            SOON,
            fim=provider,
            local=self.local,
            ready=self.told.append,
            clock=self.clock.as_clock(),
        )

    async def shown(self, marked: str, **how: object) -> str | None:
        patience_ms = how.pop("patience_ms", None)
        request = replace(request_at(marked, **how), deadline_ms=patience_ms)  # type: ignore[arg-type]
        completions = await self.completer.complete(request)
        self.tier = completions[0].tier if completions else None
        return completions[0].text if completions else None

    async def shown_late(self, marked: str, **how: object) -> str | None:
        """The same, over a network that takes longer than a guess."""
        asking = asyncio.create_task(self.shown(marked, **how))
        await settle()
        await self.clock.pass_s(QUICK_S)
        return await asking


async def test_what_stands_is_not_replaced_by_what_does_not_extend_it() -> None:
    editor = Editor(ScriptedProvider("sum(items)\n", "sum(values)\n"))
    assert await editor.shown("a = 1\ntotal = │\n") == "sum(items)"
    assert await editor.shown("total = │\n") == "sum(values)"
    assert await editor.shown("total = s│\n") == "um(values)"
    assert await editor.shown("a = 1\ntotal = s│\n") == "um(items)"


@pytest.mark.parametrize(
    ("after_ms", "expected"), [(0.0, "um(items)"), (REPLACE_AFTER_MS, "um(values)")]
)
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


async def test_a_closing_that_was_typed_over_is_replaced_no_more() -> None:
    editor = Editor(ScriptedProvider("w, h) -> int:\n"))
    before, after = "def area(w, h)", ":\n    pass\n"
    request = request_at("def area(│):\n    pass\n")
    (shown,) = await editor.completer.complete(request)
    assert (shown.text, shown.span) == ("w, h) -> int:", Span(9, 11))
    (shown,) = await editor.completer.complete(request_at(f"{before}│{after}", version=2))
    assert shown.span.end <= len(before) + 1, "the line end is nobody's to replace"


@pytest.mark.parametrize("typed", ["if (a) {│}\ngo();\n", "if (a) {\n  │\n}\ngo();\n"])
async def test_a_bracket_that_was_closed_and_opened_up_is_typed_through(typed: str) -> None:
    provider = ScriptedProvider("if (a) {\n  stop();\n}\n", "asked anew\n")
    editor = Editor(provider)
    assert await editor.shown("│\ngo();\n", language="javascript") == "if (a) {\n  stop();\n}"
    shown = await editor.shown(typed, language="javascript")
    assert shown is not None
    assert "stop();" in shown
    assert len(provider.calls) == 1


async def test_what_the_own_code_is_sure_of_is_shown_before_the_network_is_heard() -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)")
    assert await editor.shown_late("total = │\n") == "sum(items)"
    assert editor.tier is Origin.LOCAL
    assert len(provider.calls) == 1, "it may say how that goes on"
    provider.calls[0].say("sum(items) + 1\n")
    await settle()
    assert await editor.shown("total = s│\n") == "um(items) + 1"


@pytest.mark.parametrize(
    ("said", "typed", "expected"),
    [
        ("max(items)\n", "", "max(items)"),  # the model is believed
        ("sorted(items)\n", "s", "um(items)"),  # not under the eyes of who types along
        ("sum\n", "", "sum(items)"),  # the same and less
        ("sum\n", "s", "um(items)"),
        ("sum(items) + 1\n", "s", "um(items) + 1"),
    ],
)
async def test_what_the_model_says_takes_the_place_of_what_the_own_code_says(
    said: str, typed: str, expected: str
) -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)")
    assert await editor.shown_late("total = │\n") == "sum(items)"
    provider.calls[0].say(said)
    await settle()
    assert await editor.shown(f"total = {typed}│\n") == expected


async def test_what_was_read_and_typed_on_stays_away_after_a_slip() -> None:
    provider = ScriptedProvider("sum(items)\n", "")
    editor = Editor(provider)
    assert await editor.shown("total = │\n") == "sum(items)"
    await editor.clock.pass_s(PONDERED_MS / 1000)
    assert await editor.shown("total = s│\n") == "um(items)"
    assert await editor.shown("total = sj│\n") is None
    assert await editor.shown("total = s│\n") is None
    assert len(provider.calls) == 2, "no more is asked than at the slip"
    by_hand = asyncio.create_task(editor.shown("total = s│\n", trigger=TriggerKind.INVOKED))
    await settle()
    assert len(provider.calls) > 2
    by_hand.cancel()


@pytest.mark.parametrize(
    ("sure", "finish", "expected"),
    [
        ("float = math.inf, end=1", FinishReason.STOP, "float = math."),
        ("float = math.inf, end=1", FinishReason.LENGTH, "float = math.int, end=1"),  # not sure
        ("float = math.int", FinishReason.STOP, "float = math.int, end=1"),  # they agree
        ("str = name", FinishReason.STOP, "float = math.int, end=1"),  # the model is believed
    ],
)
async def test_what_is_remembered_ends_where_the_own_code_surely_goes_on_otherwise(
    sure: str, finish: FinishReason, expected: str
) -> None:
    provider = ScriptedProvider("b: float = math.int, end=1\n")
    editor = Editor(provider, sure, finish=finish)
    assert await editor.shown("a(│\n") == "b: float = math.int, end=1"
    await editor.clock.pass_s(REPLACE_AFTER_MS / 1000)
    assert await editor.shown("a(b: │\n") == expected


async def test_a_network_that_is_quicker_than_a_guess_is_heard_first() -> None:
    editor = Editor(ScriptedProvider("sum(items) + 1\n"), "sum(items)")
    assert await editor.shown("total = │\n") == "sum(items) + 1"


@pytest.mark.parametrize(
    ("sure", "said", "expected"),
    [
        ("sum"[: MIN_LOCAL_LENGTH - 1], "sum(items)\n", "sum(items)"),  # too little to take at once
        ("sum", "sorted(items)\n", "sorted(items)"),  # they differ: the model is believed
        ("sum", "\n\n", "sum"),
    ],
)
async def test_the_network_is_heard_and_compared(sure: str, said: str, expected: str) -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, sure)
    asking = asyncio.create_task(editor.shown_late("total = │\n"))
    await settle()
    await editor.clock.pass_s(QUICK_S)
    provider.calls[0].say(said)
    provider.calls[0].end()
    assert await asking == expected


async def test_by_hand_the_network_is_heard() -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)")
    asking = asyncio.create_task(editor.shown_late("total = │\n", trigger=TriggerKind.INVOKED))
    await settle()
    await editor.clock.pass_s(QUICK_S)
    provider.calls[0].say("sum(items) + 1\n")
    assert await asking == "sum(items) + 1"


async def test_cancelling_while_both_are_asked_ends_the_answer_alone() -> None:
    provider = ScriptedProvider()
    editor = Editor(provider)
    asking = asyncio.create_task(editor.shown("total = │\n"))
    await settle()
    asking.cancel()
    await settle()
    assert asking.cancelled()
    assert not provider.calls[0].closed, "the next request may join"
    await editor.clock.pass_s(ORPHAN_STREAM_TTL_S)
    assert provider.calls[0].closed


async def test_a_stream_that_is_contradicted_ends_though_its_answer_is_not_waited_for() -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)", "max(items)")
    assert await editor.shown_late("total = │\n") == "sum(items)"
    provider.calls[0].say("sum(items) + ")
    await settle()
    assert await editor.shown("total = s│\n") == "um(items)"
    assert not provider.calls[0].closed, "it agrees"
    assert await editor.shown_late("total = m│\n") == "max(items)"
    assert provider.calls[0].closed


async def test_a_stream_that_contradicts_what_stands_ends_at_the_next_key() -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)")
    assert await editor.shown_late("total = │\n") == "sum(items)"
    provider.calls[0].say("max(")
    await settle()
    assert await editor.shown("total = s│\n") == "um(items)"
    await settle()
    assert provider.calls[0].closed


@pytest.mark.parametrize(
    ("patience_ms", "said", "told"),
    [
        (700.0, "sum(items) + 1\n", 1),
        (700.0, "sum(items)\n", 0),
        (700.0, "max(items)\n", 1),
        (None, "sum(items) + 1\n", 0),
    ],
)
async def test_who_asks_again_is_told_that_what_stands_has_grown(
    patience_ms: float | None, said: str, told: int
) -> None:
    provider = ScriptedProvider()
    editor = Editor(provider, "sum(items)")
    assert await editor.shown_late("total = │\n", patience_ms=patience_ms) == "sum(items)"
    provider.calls[0].say(said)
    await settle()
    assert len(editor.told) == told
    assert await editor.shown("total = │\n") == said.rstrip()


async def test_what_passed_the_filters_does_not_pass_again_while_it_is_typed_along() -> None:
    editor = Editor(ScriptedProvider("sum(items)\n"))
    assert await editor.shown("total = │\n") == "sum(items)"
    editor.completer.display.filters = (_fail,)
    assert await editor.shown("total = su│\n") == "m(items)"


def _fail(draft: Draft, place: CursorContext) -> Draft | None:
    raise AssertionError(f"{draft} was filtered at {place.line_before}")


async def test_what_stands_goes_on_as_what_it_began_as(monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor(ScriptedProvider("f(a)\n"))
    assert await editor.shown("x = │\n") == "f(a)"
    monkeypatch.setattr(
        engine, "infer_kind_with_syntax", lambda place: pytest.fail("was asked for its kind")
    )
    assert await editor.shown("x = f(│\n") == "a)"


async def test_a_place_is_looked_at_while_a_model_is_waited_for_that_takes_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[CursorContext] = []
    monkeypatch.setattr(engine, "prewarm", looked_at.append)
    provider = ScriptedProvider()
    editor = Editor(provider)
    asking = asyncio.create_task(editor.shown("x = │\n"))
    await settle()
    assert (len(provider.calls), looked_at) == (1, [])
    await editor.clock.pass_s(QUICK_S)
    assert [place.line_before for place in looked_at] == ["x = "]
    provider.calls[0].say("f(a)\n")
    assert await asking == "f(a)"


async def test_what_is_seen_anew_passes_the_filters_once() -> None:
    editor = Editor(ScriptedProvider("f(a)\n"))
    assert await editor.shown("x = │\n") == "f(a)"
    seen: list[str] = []

    def see(draft: Draft, place: CursorContext) -> Draft:
        seen.append(place.line_before)
        return draft

    editor.completer.display.filters = (see,)
    assert await editor.shown("x = f(│)\n") == "a)"
    assert seen == ["x = f("]
