"""Several endpoints as one: who is asked, when the next one is, and who is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import pairwise

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.backoff import PERMANENT_BACKOFF_S, RATE_LIMIT_BACKOFF_S
from devstral_lsp.providers.base import (
    ChatRequest,
    Chunk,
    FimProvider,
    FimRequest,
    FinishReason,
    ModelInfo,
    Notice,
)
from devstral_lsp.providers.fallback import EXPLORE_EVERY, FallbackChat, FallbackFim
from devstral_lsp.providers.metering import ProviderLimits, Usage
from tests.support.scripted import ManualClock, ScriptedProvider, settle
from tests.support.streams import collect, text_of

REQUEST = FimRequest(prompt="a", max_tokens=8)


class Endless(ScriptedProvider):
    """Gives the same answer whenever it is asked; an error if that is one. `slow_s` before it."""

    def __init__(
        self, name: str, answer: str | errors.ProviderError, clock: ManualClock, slow_s: float = 0.0
    ) -> None:
        super().__init__(name=name)
        self.answer = answer
        self.slow_s = slow_s
        self._clock = clock
        self.closed = False

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self._answers = [self.answer]
        async with aclosing(super().fim(request)) as chunks:
            async for chunk in chunks:
                self._clock.now_s += self.slow_s
                yield chunk

    async def close(self) -> None:
        self.closed = True


class Bench:
    """A chain with a clock that stands still, and what it told the user."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.notices: list[Notice] = []

    def one(
        self, name: str, answer: str | errors.ProviderError = "text", slow_s: float = 0.0
    ) -> Endless:
        return Endless(name, answer, self.clock, slow_s)

    def chain(self, *tiers: Sequence[FimProvider]) -> FallbackFim:
        return FallbackFim(tiers, self.notices.append, lambda: self.clock.now_s)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def asked(*providers: ScriptedProvider) -> list[int]:
    return [len(each.calls) for each in providers]


async def test_the_first_is_asked_alone_while_it_answers(bench: Bench) -> None:
    first, second = bench.one("a"), bench.one("b")
    chain = bench.chain([first], [second])
    assert chain.name == "a"
    for _ in range(3):
        assert await text_of(chain.fim(REQUEST)) == "text"
    assert asked(first, second) == [3, 0]
    assert chain.active_fallback is None
    assert bench.notices == []


async def test_the_tier_that_counted_tokens_is_told(bench: Bench) -> None:
    """Equals have one model, and so count alike."""

    class Counting(Endless):
        async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
            if isinstance(self.answer, errors.ProviderError):
                raise self.answer
            yield Chunk("text")
            yield Chunk(finish=FinishReason.STOP, usage=Usage(prompt_tokens=9))

    down = errors.EndpointUnreachable("down")
    a, b, c, d = (Counting(name, "text", bench.clock) for name in "abcd")
    chain = bench.chain([a], [b, c], [d])
    for provider, tier in ((a, 0), (b, 1), (c, 1), (d, 2)):
        chunks = await collect(chain.fim(REQUEST))
        assert [each.usage for each in chunks] == [None, Usage(prompt_tokens=9, tokenizer_id=tier)]
        provider.answer = down


OF_THE_ENDPOINT = [
    errors.EndpointUnreachable("e"),
    errors.ServerOverloaded("e"),
    errors.RateLimited("e"),
    errors.QuotaExhausted("e"),
    errors.Unauthorized("e"),
    errors.WrongHost("e"),
    errors.ModelNotFound("e"),
    errors.FimNotSupported("e"),
    errors.InvalidResponse("e"),
]


@pytest.mark.parametrize("error", OF_THE_ENDPOINT, ids=lambda error: type(error).__name__)
async def test_the_next_one_answers_the_same_request(
    bench: Bench, error: errors.ProviderError
) -> None:
    first, second = bench.one("a", error), bench.one("b")
    chain = bench.chain([first], [second])
    assert await text_of(chain.fim(REQUEST)) == "text"
    assert asked(first, second) == [1, 1]
    assert second.calls[0].request == REQUEST
    assert chain.name == "b"


@pytest.mark.parametrize("error", [errors.ContextLengthExceeded("e"), errors.InvalidRequest("e")])
async def test_what_is_wrong_with_the_request_is_asked_of_nobody_else(
    bench: Bench, error: errors.ProviderError
) -> None:
    first, second = bench.one("a", error), bench.one("b")
    chain = bench.chain([first], [second])
    for _ in range(3):
        with pytest.raises(type(error)):
            await collect(chain.fim(REQUEST))
    assert asked(first, second) == [3, 0]


async def test_who_stands_in_is_told_once_and_until_the_first_answers_again(bench: Bench) -> None:
    first, second = bench.one("a", errors.RateLimited("Too many.", retry_after_s=7)), bench.one("b")
    chain = bench.chain([first], [second])
    for _ in range(3):
        await collect(chain.fim(REQUEST))
    assert {str(chain.active_fallback), *(notice.message for notice in bench.notices)} == {
        "Too many. Meanwhile b answers."
    }
    assert len({notice.topic for notice in bench.notices}) == 1
    first.answer = "text"
    bench.clock.now_s += 7
    await collect(chain.fim(REQUEST))
    assert chain.active_fallback is None
    assert chain.name == "a"


async def test_what_goes_beyond_the_budget_is_asked_of_the_next_one(bench: Bench) -> None:
    """It is tried anew each time: another request may fit."""
    refusal = errors.BudgetExceeded("No request is left until noon.", retry_after_s=600.0)
    first, second = bench.one("a", refusal), bench.one("b")
    chain = bench.chain([first], [second])
    for _ in range(2):
        assert await text_of(chain.fim(REQUEST)) == "text"
    assert asked(first, second) == [2, 2]
    assert bench.notices[0].message == "No request is left until noon. Meanwhile b answers."


async def test_the_budgets_own_word_is_passed_on_where_nobody_else_is_left(bench: Bench) -> None:
    refusal = errors.BudgetExceeded("No request is left until noon.", retry_after_s=600.0)
    chain = bench.chain([bench.one("a", refusal)], [bench.one("b", refusal)])
    with pytest.raises(errors.BudgetExceeded) as caught:
        await collect(chain.fim(REQUEST))
    assert (str(caught.value), caught.value.retry_after_s) == (str(refusal), 600.0)


async def test_a_failing_one_is_left_alone_for_longer_each_time(bench: Bench) -> None:
    first, second = bench.one("a", errors.ServerOverloaded("Busy.")), bench.one("b")
    chain = bench.chain([first], [second])
    tried_s = []
    for _ in range(600):
        before = len(first.calls)
        assert await text_of(chain.fim(REQUEST)) == "text"
        tried_s += [bench.clock.now_s - 1000] * (len(first.calls) - before)
        bench.clock.now_s += 1
    pauses = [later - sooner for sooner, later in pairwise(tried_s)]
    assert pauses[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(pauses[7:]) == {60}


@pytest.mark.parametrize(
    ("error", "pause_s"),
    [
        (errors.RateLimited("e", retry_after_s=7), 7),
        (errors.RateLimited("e"), RATE_LIMIT_BACKOFF_S),
        (errors.Unauthorized("e"), PERMANENT_BACKOFF_S),
        (errors.QuotaExhausted("e"), PERMANENT_BACKOFF_S),
    ],
)
async def test_how_long_depends_on_what_happened(
    bench: Bench, error: errors.ProviderError, pause_s: float
) -> None:
    first, second = bench.one("a", error), bench.one("b")
    chain = bench.chain([first], [second])
    await collect(chain.fim(REQUEST))
    bench.clock.now_s += pause_s - 0.1
    await collect(chain.fim(REQUEST))
    assert asked(first, second) == [1, 2]
    bench.clock.now_s += 0.1
    await collect(chain.fim(REQUEST))
    assert asked(first, second) == [2, 3]


async def test_one_request_at_a_time_tries_whether_it_is_well(bench: Bench) -> None:
    first, second = ScriptedProvider(errors.ServerOverloaded("e"), name="a"), bench.one("b")
    chain = bench.chain([first], [second])
    await collect(chain.fim(REQUEST))
    bench.clock.now_s += 2
    trying = asyncio.ensure_future(text_of(chain.fim(REQUEST)))
    await settle()
    assert await text_of(chain.fim(REQUEST)) == "text"
    assert asked(first, second) == [2, 2]
    first.calls[1].say("well again")
    first.calls[1].end()
    assert await trying == "well again"
    assert chain.name == "a"


async def test_a_trial_that_is_given_up_leaves_the_place_to_the_next(bench: Bench) -> None:
    first, second = ScriptedProvider(errors.ServerOverloaded("e"), name="a"), bench.one("b")
    chain = bench.chain([first], [second])
    await collect(chain.fim(REQUEST))
    bench.clock.now_s += 2
    for count in (2, 3):
        trying = asyncio.ensure_future(collect(chain.fim(REQUEST)))
        await settle()
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        assert asked(first, second) == [count, 1]
        assert first.calls[-1].closed


async def test_what_has_been_given_is_not_given_again_by_another(bench: Bench) -> None:
    first, second = ScriptedProvider(name="a"), bench.one("b")
    stream = bench.chain([first], [second]).fim(REQUEST)
    reading = asyncio.ensure_future(anext(stream))
    await settle()
    first.calls[0].say("half an ans")
    assert (await reading).text == "half an ans"
    first.calls[0].fail(errors.EndpointUnreachable("It broke."))
    with pytest.raises(errors.EndpointUnreachable, match="It broke"):
        await anext(stream)
    assert second.calls == []


async def test_an_empty_answer_is_an_answer(bench: Bench) -> None:
    first, second = bench.one("a", ""), bench.one("b")
    assert await text_of(bench.chain([first], [second]).fim(REQUEST)) == ""
    assert asked(first, second) == [1, 0]


async def test_when_all_fail_everything_is_told_and_how_long_to_wait(bench: Bench) -> None:
    first = bench.one("a", errors.Unauthorized("Wrong key."))
    second = bench.one("b", errors.RateLimited("Too many.", retry_after_s=20))
    chain = bench.chain([first], [second])
    with pytest.raises(errors.RateLimited, match=r"^Wrong key\. Too many\.$") as raised:
        await collect(chain.fim(REQUEST))
    assert raised.value.retry_after_s == 20
    assert bench.notices == []


async def test_the_wait_is_that_of_an_earlier_failure_if_that_ends_sooner(bench: Bench) -> None:
    first = bench.one("a", errors.RateLimited("Too many.", retry_after_s=20))
    second = bench.one("b")
    chain = bench.chain([first], [second])
    await collect(chain.fim(REQUEST))
    bench.clock.now_s += 5
    second.answer = errors.Unauthorized("Wrong key.")
    with pytest.raises(errors.RateLimited) as raised:
        await collect(chain.fim(REQUEST))
    assert raised.value.retry_after_s == 15


async def test_who_asks_though_all_want_to_be_left_alone_gets_the_first_that_may(
    bench: Bench,
) -> None:
    """By hand, say: the chain refuses nobody."""
    first = bench.one("a", errors.RateLimited("e", retry_after_s=60))
    second = bench.one("b", errors.RateLimited("e", retry_after_s=20))
    chain = bench.chain([first], [second])
    for _ in range(2):
        with pytest.raises(errors.RateLimited):
            await collect(chain.fim(REQUEST))
    assert asked(first, second) == [1, 2]


async def test_equals_share_the_load_and_the_quicker_one_wins(bench: Bench) -> None:
    slow, quick = bench.one("a", slow_s=0.9), bench.one("b", slow_s=0.1)
    chain = bench.chain([slow, quick])
    for _ in range(100):
        await collect(chain.fim(REQUEST))
    assert asked(slow, quick) == [1 + 100 // EXPLORE_EVERY, 99 - 100 // EXPLORE_EVERY]
    assert chain.active_fallback is None
    slow.slow_s, quick.slow_s = 0.1, 0.9
    for _ in range(100):
        await collect(chain.fim(REQUEST))
    assert len(slow.calls) > 60


async def test_what_is_busy_is_left_for_an_equal(bench: Bench) -> None:
    first, second = ScriptedProvider(name="a"), ScriptedProvider(name="b")
    chain = bench.chain([first, second])
    reading = [asyncio.ensure_future(text_of(chain.fim(REQUEST))) for _ in range(4)]
    await settle()
    assert asked(first, second) == [2, 2]
    for call in (*first.calls, *second.calls):
        call.say("x")
        call.end()
    assert await asyncio.gather(*reading) == ["x"] * 4


async def test_a_server_too_slow_to_be_heard_is_not_asked_for_ever(bench: Bench) -> None:
    """Every request is given up before its first text, as by somebody who types on."""
    slow, quick = ScriptedProvider(name="a"), bench.one("b", slow_s=0.1)
    chain = bench.chain([slow, quick])
    for _ in range(3):
        reading = asyncio.ensure_future(collect(chain.fim(REQUEST)))
        await settle()
        bench.clock.now_s += 0.5
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert asked(slow, quick) == [1, 2]


async def test_an_equal_that_fails_hands_over_to_the_others(bench: Bench) -> None:
    broken, well, last = (
        bench.one("a", errors.ServerOverloaded("e")),
        bench.one("a"),
        bench.one("b"),
    )
    chain = bench.chain([broken, well], [last])
    for _ in range(3):
        assert await text_of(chain.fim(REQUEST)) == "text"
    assert asked(broken, well, last) == [1, 3, 0]
    assert chain.active_fallback is None


async def test_a_keystroke_is_one_request(bench: Bench) -> None:
    """Never two endpoints at once for the same."""
    first, second, third = (ScriptedProvider(name=name) for name in "abc")
    chain = bench.chain([first, second], [third])
    reading = asyncio.ensure_future(collect(chain.fim(REQUEST)))
    await settle()
    assert asked(first, second, third) == [1, 0, 0]
    first.calls[0].fail(errors.ServerOverloaded("e"))
    await settle()
    assert asked(first, second, third) == [1, 1, 0]
    assert first.calls[0].closed
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert second.calls[0].closed


async def test_the_chain_takes_what_all_can_take_and_closes_them(bench: Bench) -> None:
    first, second = bench.one("a"), bench.one("b")
    second.limits = ProviderLimits(prompt_tokens=512)
    chain = bench.chain([first], [second])
    assert chain.limits == ProviderLimits(prompt_tokens=512)
    await chain.close()
    assert (first.closed, second.closed) == (True, True)


class Talker:
    """A provider of conversations."""

    def __init__(self, name: str, answer: str | errors.ProviderError, *, sees: bool) -> None:
        self.name = name
        self._answer = answer
        self._sees = sees

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        if isinstance(self._answer, errors.ProviderError):
            raise self._answer
        yield Chunk(text=self._answer)
        yield Chunk(finish=FinishReason.STOP)

    async def supports_images(self) -> bool:
        return self._sees

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        return ModelInfo(model=f"model of {self.name}")

    async def close(self) -> None: ...


async def test_conversations_are_had_with_whoever_answers(bench: Bench) -> None:
    first = Talker("a", errors.ServerOverloaded("Busy."), sees=True)
    second = Talker("b", "hello", sees=False)
    chain = FallbackChat([[first], [second]], bench.notices.append, lambda: bench.clock.now_s)
    request = ChatRequest(messages=[{"role": "user", "content": "hi"}], max_tokens=8)
    assert await chain.model_info(for_fim=False) == ModelInfo(model="model of a")
    assert await text_of(chain.chat(request)) == "hello"
    assert [notice.message for notice in bench.notices] == ["Busy. Meanwhile b answers."]
    assert not await chain.supports_images()
    assert await chain.model_info(for_fim=False) == ModelInfo(model="model of b")


GONE = errors.EndpointUnreachable("codestral knows no route any more.", status=404)


async def test_a_spare_is_asked_only_for_one_that_is_gone_and_told_once(bench: Bench) -> None:
    first, spare = bench.one("mistral", GONE), bench.one("codestral")
    chain = FallbackFim(
        [[first], [spare]], bench.notices.append, lambda: bench.clock.now_s, spare_tiers={1}
    )
    for _ in range(3):
        assert await text_of(chain.fim(REQUEST)) == "text"
    assert asked(first, spare) == [1, 3]
    assert [each.message for each in bench.notices] == [f"{GONE} Meanwhile codestral answers."] * 3
    assert len({each.topic for each in bench.notices}) == 1
    first.answer = "back"
    bench.clock.now_s += PERMANENT_BACKOFF_S
    assert await text_of(chain.fim(REQUEST)) == "back"


@pytest.mark.parametrize(
    "failure",
    [
        errors.RateLimited("slow down", retry_after_s=60.0, status=429),
        errors.Unauthorized("wrong key", status=401),
        errors.ServerOverloaded("busy", status=503),
        errors.EndpointUnreachable("no network"),
        errors.ModelNotFound("no such model", status=404),
    ],
)
async def test_a_spare_is_not_asked_for_one_that_only_fails(
    bench: Bench, failure: errors.ProviderError
) -> None:
    first, spare = bench.one("mistral", failure), bench.one("codestral")
    chain = FallbackFim(
        [[first], [spare]], bench.notices.append, lambda: bench.clock.now_s, spare_tiers={1}
    )
    for _ in range(3):
        with pytest.raises(type(failure)):
            await text_of(chain.fim(REQUEST))
    assert asked(first, spare) == [3, 0]
    assert bench.notices == []
