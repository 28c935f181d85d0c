"""The engine in front of several endpoints: it says who answers, and obeys how long to wait."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.errors import ContextLengthExceeded, ProviderError, RateLimited, Unauthorized
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason, Notice
from devstral_lsp.providers.fallback import FallbackFim
from devstral_lsp.providers.metering import Usage
from tests.support.scripted import ManualClock, ScriptedProvider, request_at, settle

SETTINGS = Settings(completion=CompletionSettings(debounce_ms=0))


class Bench:
    """A completer over a chain of scripted providers, with one clock for all."""

    def __init__(self, *providers: ScriptedProvider, local: ScriptedProvider | None = None) -> None:
        self.clock = ManualClock()
        self.told: list[Status] = []
        self.notices: list[Notice] = []
        chain = FallbackFim([[each] for each in providers], self.notices.append, self._now_s)
        self.completer = CompletionEngine(
            SETTINGS, fim=chain, local=local, tell=self.told.append, clock=self.clock.as_clock()
        )

    def _now_s(self) -> float:
        return self.clock.now_s

    async def shown(self, marked: str) -> tuple[str, str] | None:
        completions = await self.completer.complete(request_at(marked))
        await settle()
        return (completions[0].text, completions[0].provider) if completions else None


async def test_who_stands_in_is_named_until_the_first_answers_again() -> None:
    first = ScriptedProvider(RateLimited("Too many.", retry_after_s=7), "one()\n", name="codestral")
    bench = Bench(first, ScriptedProvider("two()\n", "three()\n", name="mistral"))
    assert await bench.shown("x = │\n") == ("two()", "mistral")
    told = Status(StatusKind.WARNING, "Too many. Meanwhile mistral answers.")
    assert bench.told[-1] == told
    assert await bench.shown("y = │\n") == ("three()", "mistral")
    assert bench.told[-1] == told
    await bench.clock.pass_s(7)
    assert await bench.shown("z = │\n") == ("one()", "codestral")
    assert bench.told[-1] == Status(StatusKind.NORMAL)


@pytest.mark.parametrize(
    ("errors", "pause_s"),
    [
        ([Unauthorized("Wrong key."), RateLimited("Too many.", retry_after_s=20)], 20),
        ([RateLimited("Too many.", retry_after_s=20), Unauthorized("Wrong key.")], 20),
        ([RateLimited("A.", retry_after_s=30), RateLimited("B.", retry_after_s=20)], 20),
    ],
)
async def test_after_all_have_failed_the_first_that_may_be_asked_is(
    errors: list[ProviderError], pause_s: float
) -> None:
    """The pause of the whole is neither longer nor shorter than that of its parts."""
    providers = [ScriptedProvider(error, "back()\n", name="p") for error in errors]
    local = ScriptedProvider("near", "near", name="local")
    bench = Bench(*providers, local=local)
    assert await bench.shown("x = │\n") == ("near", "local")
    for error in errors:
        assert str(error) in bench.told[-1].message
    await bench.clock.pass_s(pause_s - 0.1)
    assert await bench.shown("y = │\n") == ("near", "local")
    assert [len(each.calls) for each in providers] == [1, 1]
    await bench.clock.pass_s(0.2)
    assert await bench.shown("z = │\n") == ("back()", "p")
    assert sum(len(each.calls) for each in providers) == 3


async def test_a_prompt_that_is_too_long_is_shrunk_for_whoever_was_asked() -> None:
    first = ScriptedProvider(ContextLengthExceeded("Too long."), "short()\n", name="a")
    second = ScriptedProvider(name="b")
    bench = Bench(first, second)
    assert await bench.shown("x = 1\n" * 900 + "│\n") == ("short()", "a")
    sent = [len(call.request.prompt) for call in first.calls]
    assert sent[1] < sent[0]
    assert second.calls == []


class Counting(ScriptedProvider):
    """Says of each prompt how many tokens it had; fails as long as it has a `failure`."""

    def __init__(self, name: str, characters_per_token: float) -> None:
        super().__init__(name=name)
        self.failure: ProviderError | None = None
        self.sent: list[int] = []
        self._characters_per_token = characters_per_token

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        if self.failure is not None:
            raise self.failure
        self.sent.append(len(request.prompt) + len(request.suffix))
        tokens = round(self.sent[-1] / self._characters_per_token)
        yield Chunk("f()\n", FinishReason.STOP, Usage(prompt_tokens=tokens))


async def test_each_model_has_its_own_characters_per_token() -> None:
    first, second = Counting("a", 2), Counting("a", 6)
    bench = Bench(first, second)
    places = iter("value = 1\n" * 4000 + f"{name} = │\n" for name in "abcdefghijklmnopqrstuvwxyz")

    async def ask(times: int) -> None:
        for _ in range(times):
            assert await bench.shown(next(places)) is not None

    await ask(10)
    first.failure = RateLimited("Too many.", retry_after_s=7)
    await ask(10)
    assert second.sent[-1] > 2 * first.sent[-1]
    first.failure, known = None, first.sent[-1]
    await bench.clock.pass_s(7)
    await ask(2)
    # The one was made before anybody knew that the first would answer again.
    assert len(first.sent) == 12
    assert first.sent[-1] == pytest.approx(known, rel=0.1)
