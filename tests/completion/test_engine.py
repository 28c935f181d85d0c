"""The stages of a keystroke, with a provider and a clock in the test's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from devstral_lsp.completion.alternatives import TEMPERATURE
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.types import Completion, SelectedPopupItem, TriggerKind
from devstral_lsp.config.schema import CompletionSettings, FimSettings, Settings
from devstral_lsp.errors import (
    ContextLengthExceeded,
    EndpointUnreachable,
    ProviderError,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)
from devstral_lsp.providers.base import Chunk, FimProvider, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Span
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

SOON = Settings(completion=CompletionSettings(debounce_ms=0))


class Bench:
    """A completer with everything in the test's hands."""

    def __init__(
        self,
        fim: FimProvider | None,
        *,
        local: FimProvider | None = None,
        settings: Settings = SOON,
    ) -> None:
        self.clock = ManualClock()
        self.told: list[Status] = []
        self.completer = CompletionEngine(
            settings,
            fim=fim,
            local=local,
            tell=self.told.append,
            clock=self.clock.as_clock(),
        )

    def ask(self, marked: str, **how: object) -> asyncio.Task[list[Completion]]:
        request = request_at(marked, **how)  # type: ignore[arg-type]
        return asyncio.create_task(self.completer.complete(request))

    async def shown(self, marked: str, **how: object) -> str | None:
        completions = await self.ask(marked, **how)
        return completions[0].text if completions else None


async def test_a_completion_is_what_the_model_says_at_the_cursor() -> None:
    provider = ScriptedProvider("sum(items)\n")
    request = request_at("total = │\n")
    (completion,) = await Bench(provider).completer.complete(request)
    assert completion.text == "sum(items)"
    assert completion.span == Span(8, 8)
    assert completion.provider == "scripted"
    fim = provider.calls[0].request
    assert (fim.prompt, fim.suffix) == ("total = ", "\n")


async def test_the_answer_does_not_wait_for_the_rest_of_the_stream() -> None:
    provider = ScriptedProvider()
    task = Bench(provider).ask("total = │\n")
    await settle()
    provider.calls[0].say("sum(it")
    await settle()
    assert not task.done()
    provider.calls[0].say("ems)\nprint(total)")
    await settle()
    assert (await task)[0].text == "sum(items)"
    assert not provider.calls[0].closed, "what follows is kept for where acceptance leads"


async def test_a_typed_through_answer_costs_nothing() -> None:
    provider = ScriptedProvider("sum(items)\n")
    bench = Bench(provider)
    assert await bench.shown("total = │\n") == "sum(items)"
    assert await bench.shown("total = s│\n") == "um(items)"
    assert await bench.shown("total = sum(it│\n") == "ems)"
    assert await bench.shown("total = sum(│)\n") == "items"
    assert await bench.shown("total = │\n") == "sum(items)", "backspace restores it"
    assert len(provider.calls) == 1


async def test_what_was_said_beyond_the_suggestion_comes_after_accepting_it() -> None:
    provider = ScriptedProvider("sum(items)\nprint(total)\n")
    bench = Bench(provider)
    assert await bench.shown("total = │\n") == "sum(items)"
    assert await bench.shown("total = sum(items)│\n") == "\nprint(total)"
    assert await bench.shown("total = sum(items)\n│\n") == "print(total)"
    assert len(provider.calls) == 1


async def test_a_tail_that_was_cut_is_not_remembered() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    task = bench.ask("total = │\n")
    await settle()
    provider.calls[0].say("sum(items)\nprint(tot")
    provider.calls[0].end(FinishReason.LENGTH)
    assert (await task)[0].text == "sum(items)"
    task = bench.ask("total = sum(items)\n│\n")
    await settle()
    assert len(provider.calls) == 2
    provider.calls[1].end()
    assert await task == []


async def test_an_empty_answer_is_an_answer() -> None:
    provider = ScriptedProvider("")
    bench = Bench(provider)
    assert await bench.shown("total = │\n") is None
    assert await bench.shown("total = │\n") is None
    assert len(provider.calls) == 1


@pytest.mark.parametrize("answer", ["", "\n\n"])
async def test_where_the_model_has_nothing_to_show_local_may(answer: str) -> None:
    provider = ScriptedProvider(answer)
    local = ScriptedProvider("near", "near", name="local")
    bench = Bench(provider, local=local)
    assert await bench.shown("total = │\n") == "near"
    assert await bench.shown("total = │\n") == "near"
    assert len(provider.calls) == 1, "the same place would be answered the same again"


async def test_asked_by_hand_an_empty_answer_is_asked_again() -> None:
    provider = ScriptedProvider("", "one\n")
    bench = Bench(provider)
    assert await bench.shown("total = │\n") is None
    assert await bench.shown("total = │\n", trigger=TriggerKind.INVOKED) == "one"
    assert provider.calls[1].request.min_tokens == 1


async def test_a_stream_is_joined_while_it_agrees_with_what_is_typed() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    first = bench.ask("total = │\n")
    await settle()
    second = bench.ask("total = s│\n", version=2)
    await settle()
    assert await first == [], "the newer request has taken its place"
    provider.calls[0].say("sum(items)\n")
    await settle()
    assert (await second)[0].text == "um(items)"
    assert len(provider.calls) == 1


async def test_a_stream_that_disagrees_is_hung_up_at_once() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    first = bench.ask("total = │\n")
    await settle()
    provider.calls[0].say("sum(")
    await settle()
    second = bench.ask("total = m│\n", version=2)
    await settle()
    assert await first == []
    assert provider.calls[0].closed
    assert len(provider.calls) == 2
    provider.calls[1].say("ax(items)\n")
    assert (await second)[0].text == "ax(items)"


async def test_cancelling_hangs_up_unless_another_request_joins_soon() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    task = bench.ask("total = │\n")
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not provider.calls[0].closed
    await bench.clock.pass_s(1.1)
    assert provider.calls[0].closed


async def test_a_cancelled_stream_can_be_joined() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    first = bench.ask("total = │\n")
    await settle()
    first.cancel()
    await settle()
    second = bench.ask("total = s│\n", version=2)
    await settle()
    await bench.clock.pass_s(2)
    provider.calls[0].say("sum(items)\n")
    assert (await second)[0].text == "um(items)"


async def test_a_burst_costs_one_request() -> None:
    provider = ScriptedProvider()
    settings = Settings(completion=CompletionSettings(debounce_ms=200))
    bench = Bench(provider, settings=settings)
    tasks = []
    for end in range(1, 6):
        tasks.append(bench.ask("value"[:end] + "│\n", version=end))
        await settle()
        await bench.clock.pass_s(0.1)
    assert provider.calls == []
    await bench.clock.pass_s(0.2)
    assert len(provider.calls) == 1
    assert provider.calls[0].request.prompt == "value"
    provider.calls[0].say(" = 1\n")
    assert (await tasks[-1])[0].text == " = 1"
    assert [await task for task in tasks[:-1]] == [[], [], [], []]


async def test_what_is_remembered_is_never_delayed() -> None:
    provider = ScriptedProvider("sum(items)\n")
    settings = Settings(completion=CompletionSettings(debounce_ms=500))
    bench = Bench(provider, settings=settings)
    first = bench.ask("total = │\n")
    await settle()
    await bench.clock.pass_s(0.5)
    assert (await first)[0].text == "sum(items)"
    assert await bench.shown("total = su│\n") == "m(items)"
    assert bench.clock.sleeping == []


async def test_by_hand_nothing_is_delayed() -> None:
    provider = ScriptedProvider("one\n")
    settings = Settings(completion=CompletionSettings(debounce_ms=5000))
    bench = Bench(provider, settings=settings)
    assert await bench.shown("x = │\n", trigger=TriggerKind.INVOKED) == "one"


@pytest.mark.parametrize(
    ("error", "pause_s"),
    [
        (EndpointUnreachable("No connection."), 1.0),
        (ServerOverloaded("No capacity."), 1.0),
        (RateLimited("Too many."), 10.0),
        (RateLimited("Too many.", retry_after_s=42.0), 42.0),
        (Unauthorized("Wrong key."), 300.0),
    ],
)
async def test_a_failing_endpoint_is_left_alone_and_local_answers(
    error: ProviderError, pause_s: float
) -> None:
    provider = ScriptedProvider(error, "from_the_model()\n")
    local = ScriptedProvider("near", "near", "near", name="local")
    bench = Bench(provider, local=local)
    (completion,) = await bench.completer.complete(request_at("x = │\n"))
    assert (completion.text, completion.provider) == ("near", "local")
    assert bench.told[-1].kind is StatusKind.WARNING
    assert bench.told[-1].message.startswith(str(error))
    await bench.clock.pass_s(pause_s - 0.1)
    assert await bench.shown("y = │\n") == "near"
    assert len(provider.calls) == 1
    await bench.clock.pass_s(0.2)
    assert await bench.shown("z = │\n") == "from_the_model()"
    assert bench.told[-1].kind is StatusKind.NORMAL


async def test_without_local_a_failure_is_an_empty_list_and_an_error_status() -> None:
    bench = Bench(ScriptedProvider(Unauthorized("Wrong key.")))
    assert await bench.shown("x = │\n") is None
    assert bench.told[-1] == Status(StatusKind.ERROR, "Wrong key.")


async def test_busy_lasts_until_the_last_stream_has_ended() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    one, two = bench.ask("x = │\n"), bench.ask("y = │\n", uri="file:///work/b.py")
    await settle()
    for call in provider.calls:
        call.say("a()\n")
        call.end()
        await settle()
    assert await one
    assert await two
    assert [status.busy for status in bench.told] == [True, True, True, False]


async def test_a_stream_that_takes_anothers_place_stays_busy() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    bench.ask("x = │\n")
    await settle()
    provider.calls[0].say("sum(")
    await settle()
    bench.ask("x = no│\n", version=2)
    await settle()
    assert provider.calls[0].closed
    assert bench.told[-1].busy
    await bench.completer.close()


async def test_a_trouble_lasts_until_a_try_has_succeeded() -> None:
    provider = ScriptedProvider(ServerOverloaded("No capacity."))
    bench = Bench(provider)
    assert await bench.shown("x = │\n") is None
    await bench.clock.pass_s(5)
    asking = bench.ask("x = y│\n", version=2)
    await settle()
    assert bench.told[-1] == Status(StatusKind.ERROR, "No capacity.", busy=True)
    provider.calls[1].say("ield_of(z)\n")
    provider.calls[1].end()
    assert await asking
    await settle()
    assert bench.told[-1] == Status(StatusKind.NORMAL)


async def test_once_closed_it_tells_no_more() -> None:
    bench = Bench(ScriptedProvider())
    asking = bench.ask("x = │\n")
    await settle()
    await bench.completer.close()
    assert await asking == []
    assert bench.told == [Status(StatusKind.NORMAL, busy=True)]


async def test_an_error_is_not_remembered_as_an_answer() -> None:
    provider = ScriptedProvider(ServerOverloaded("No capacity."), "one\n")
    bench = Bench(provider)
    assert await bench.shown("x = │\n") is None
    await bench.clock.pass_s(5)
    assert await bench.shown("x = │\n") == "one"


async def test_a_prompt_that_is_too_long_is_shrunk_until_it_fits() -> None:
    again = [ContextLengthExceeded("Too long.") for _ in range(2)]
    provider = ScriptedProvider(*again, "one\n")
    text = "".join(f"line_{i} = {i}\n" for i in range(2000)) + "x = │\n"
    assert await Bench(provider).shown(text) == "one"
    lengths = [len(call.request.prompt) for call in provider.calls]
    assert lengths[2] < 0.7 * lengths[1] < 0.5 * lengths[0]


async def test_an_endpoint_that_finds_all_too_long_is_not_asked_without_end() -> None:
    provider = ScriptedProvider(*(ContextLengthExceeded("Too long.") for _ in range(20)))
    assert await Bench(provider).shown("x = │\n") is None
    assert len(provider.calls) == 5


async def test_a_limit_that_the_provider_learns_is_not_halved_as_well() -> None:
    class Learning(ScriptedProvider):
        def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
            self.limits = ProviderLimits(prompt_tokens=1024)
            return super().fim(request)

    provider = Learning(ContextLengthExceeded("Too long."), "one\n")
    text = "".join(f"line_{i} = {i}\n" for i in range(2000)) + "x = │\n"
    assert await Bench(provider).shown(text) == "one"
    first, second = (len(call.request.prompt) for call in provider.calls)
    assert 0.4 * first < second < 0.7 * first


async def test_a_prompt_that_was_too_long_stays_shrunk() -> None:
    provider = ScriptedProvider(ContextLengthExceeded("Too long."), "one\n", "two\n")
    bench = Bench(provider)
    text = "".join(f"line_{i} = {i}\n" for i in range(2000)) + "x = │\n"
    assert await bench.shown(text) == "one"
    first, second = (len(call.request.prompt) for call in provider.calls)
    assert second < 0.7 * first
    await bench.shown(text.replace("x = ", "y = "))
    assert len(provider.calls[2].request.prompt) < 0.7 * first, "it stays shrunk"


async def test_without_a_provider_local_answers() -> None:
    local = ScriptedProvider("near", name="local")
    bench = Bench(None, local=local)
    assert await bench.shown("def f():\n    x = │\n") == "near"
    assert local.calls[0].request.prompt == "def f():\n    x = "


@pytest.mark.parametrize(
    "completion",
    [CompletionSettings(enabled=False), CompletionSettings(disabled_languages=("python",))],
)
async def test_switched_off_nothing_is_asked(completion: CompletionSettings) -> None:
    provider = ScriptedProvider("one\n")
    bench = Bench(provider, settings=Settings(completion=completion))
    assert await bench.shown("x = │\n") is None
    assert provider.calls == []


async def test_a_binary_document_is_not_completed() -> None:
    provider = ScriptedProvider("one\n")
    assert await Bench(provider).shown("x\0 = │\n") is None
    assert provider.calls == []


async def test_limits_of_the_settings_hold_on_the_wire() -> None:
    fim = FimSettings(max_tokens=40, min_tokens=3, stop=("%%",), temperature=0.7, random_seed=5)
    provider = ScriptedProvider("one\n")
    bench = Bench(provider, settings=replace(SOON, fim=fim))
    await bench.shown("def f():\n    │\n")
    request = provider.calls[0].request
    assert (request.max_tokens, request.min_tokens) == (40, 3)
    assert request.stop[0] == "%%"
    assert (request.temperature, request.random_seed) == (0.7, 5)


async def test_stop_strings_beyond_the_wires_are_enforced_while_streaming() -> None:
    fim = FimSettings(stop=("a1", "b2", "c3", "d4", "e5"))
    provider = ScriptedProvider("one e5 two\n")
    assert await Bench(provider, settings=replace(SOON, fim=fim)).shown("x = │\n") == "one"


async def test_the_editors_chosen_item_is_continued() -> None:
    provider = ScriptedProvider("(value)\n")
    bench = Bench(provider)
    request = replace(request_at("text.form│\n"), selected=SelectedPopupItem(Span(5, 9), "format"))
    (completion,) = await bench.completer.complete(request)
    assert (completion.text, completion.span) == ("format(value)", Span(5, 9))
    assert provider.calls[0].request.prompt == "text.format"


async def test_windows_line_ends_stay_and_the_model_never_sees_them() -> None:
    provider = ScriptedProvider("if y:\r\n        z()\r\n")
    bench = Bench(provider)
    (completion,) = await bench.completer.complete(request_at("def f():\r\n    x()\r\n    │\r\n"))
    assert completion.text == "if y:\r\n        z()"
    assert "\r" not in provider.calls[0].request.prompt + provider.calls[0].request.suffix


async def test_each_document_has_its_own_stream() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    tasks = []
    for i in range(6):
        tasks.append(bench.ask("x = │\n", uri=f"file:///{i}.py"))
        await settle()
    assert len(provider.calls) == 6
    assert sum(not call.closed for call in provider.calls) == 4, "a small number in all"
    for call in provider.calls:
        call.say("one\n")
    assert [len(await task) for task in tasks] == [0, 0, 1, 1, 1, 1]


async def test_closing_a_document_hangs_up() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    task = bench.ask("x = │\n")
    await settle()
    bench.completer.forget("file:///work/a.py")
    await settle()
    assert provider.calls[0].closed
    assert await task == []


async def test_closing_hangs_up_everything() -> None:
    provider = ScriptedProvider()
    bench = Bench(provider)
    task = bench.ask("x = │\n")
    await settle()
    await bench.completer.close()
    assert provider.calls[0].closed
    assert await task == []


async def test_asked_again_by_hand_there_are_further_candidates() -> None:
    provider = ScriptedProvider("sum(items)\n", "max(items)\n", "sum( items )\n")
    bench = Bench(provider)
    by_hand = {"trigger": TriggerKind.INVOKED}
    assert [each.text for each in await bench.ask("x = │\n", **by_hand)] == ["sum(items)"]
    for _ in range(2):
        found = await bench.ask("x = │\n", **by_hand)
        assert [each.text for each in found] == ["sum(items)", "max(items)"], "no copies"
    assert len(provider.calls) == 3, "the candidates are remembered"
    further = [call.request for call in provider.calls[1:]]
    assert len({request.random_seed for request in further}) == 2
    assert all(request.temperature == TEMPERATURE for request in further)


async def test_by_hand_where_one_is_shown_there_are_further_ones_at_once() -> None:
    """VS Code asks once by hand when its user wants the next one, and then goes round in those."""
    provider = ScriptedProvider("sum(items)\n", "max(items)\n", "min(items)\n")
    bench = Bench(provider)
    assert await bench.shown("x = │\n") == "sum(items)"
    found = await bench.ask("x = │\n", trigger=TriggerKind.INVOKED)
    assert [each.text for each in found] == ["sum(items)", "max(items)", "min(items)"]
    assert await bench.shown("x = │\n") == "sum(items)", "nobody asked"


async def test_asking_by_hand_elsewhere_begins_anew() -> None:
    provider = ScriptedProvider("sum(items)\n", "one\n", "two\n")
    bench = Bench(provider)
    by_hand = {"trigger": TriggerKind.INVOKED}
    assert len(await bench.ask("x = │\n", **by_hand)) == 1
    assert len(await bench.ask("y = 1\nx = │\n", **by_hand)) == 1
    assert len(provider.calls) == 2


async def test_a_failing_candidate_is_left_out() -> None:
    provider = ScriptedProvider("sum(items)\n", ServerOverloaded("No capacity."), "max(items)\n")
    bench = Bench(provider)
    by_hand = {"trigger": TriggerKind.INVOKED}
    await bench.ask("x = │\n", **by_hand)
    found = await bench.ask("x = │\n", **by_hand)
    assert [each.text for each in found] == ["sum(items)", "max(items)"]
