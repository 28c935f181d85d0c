"""Our provider for OpenAI's wire against LiteLLM's proxy, as a company may run it.

Behind the proxy stand llama.cpp and a fake Mistral, which says how Mistral refuses. The proxy's own
key is not the one it has for them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstral_lsp import errors
from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.providers.base import Endpoint, FinishReason, Notice, Secret
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from devstral_lsp.providers.fim.suffix_probe import WORD
from devstral_lsp.providers.metering import Usage
from devstral_lsp.usage.governor import Governor
from tests.models.conftest import PROXY_KEY, Made
from tests.models.programs.texts import CONTINUED, FILLED
from tests.models.servers import LiteLlm, LlamaCpp
from tests.models.test_llamacpp import GAP, LONG_TOKENS, QUESTION
from tests.support.answers import Answer, envelope, failure
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_server import Received
from tests.support.streams import collect, text_of
from tests.support.verdicts import written

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

FIM_PATH = "/v1/fim/completions"


class Mistral(FakeMistral):
    """A Mistral with a model that reads suffixes: asked whether it does, it says the word."""

    def say(self, request: Received) -> Answer:
        if WORD in request.body.get("suffix", ""):
            return Answer(text=(WORD,))
        return super().say(request)


@pytest.fixture
async def mistral(litellm: LiteLlm, mistral_port: int) -> AsyncIterator[Mistral]:
    """What the proxy finds where its configuration says that Mistral is."""
    fake = Mistral()
    await fake.start(mistral_port)
    yield fake
    await fake.stop()


@pytest.fixture
def ask(litellm: LiteLlm, made: Made) -> Callable[..., Any]:
    """Makes a provider for a model of the proxy's."""

    def make(model: str, *, key: str = PROXY_KEY, **endpoint: Any) -> Any:
        return made("openai_compatible", litellm.url, key=key, model=model, **endpoint)

    return make


async def test_gaps_reach_mistral_as_gaps(
    mistral: Mistral, ask: Callable[..., Any], tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    provider = ask("codestral", strategy_cache=remembered)
    request = replace(GAP, stop=("\n\n",), temperature=0.0, random_seed=7)
    chunks = await collect(provider.fim(request))
    assert "".join(chunk.text for chunk in chunks) == "return a + b"
    assert chunks[-1].finish is FinishReason.STOP
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens
    asked = mistral.completions[-1]
    assert asked.path == FIM_PATH
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["prompt"] == GAP.prompt
    assert asked.body["suffix"] == GAP.suffix
    assert asked.body["random_seed"] == 7
    assert asked.body["stream"] is True
    assert [verdict.path for verdict in written(remembered)] == ["suffix"]


async def test_its_answers_have_the_shape_of_text_completions(
    mistral: Mistral, litellm: LiteLlm
) -> None:
    async with httpx.AsyncClient(base_url=litellm.url, timeout=20, trust_env=False) as client:
        answer = await client.post(
            "/v1/completions",
            json={"model": "codestral", "prompt": "def", "suffix": "x"},
            headers={"authorization": f"Bearer {PROXY_KEY}"},
        )
    assert answer.json()["object"] == "text_completion"
    assert answer.json()["choices"][0]["text"] == "return a + b"


TOO_LONG = "Prompt contains 9999 tokens, too large for model with 8192 maximum context length"


async def test_mistrals_own_wire_passes_through(
    mistral: Mistral, litellm: LiteLlm, made: Made
) -> None:
    provider = made("mistral", litellm.url + "/mistral", key=PROXY_KEY, model="codestral-latest")
    chunks = await collect(provider.fim(replace(GAP, min_tokens=1)))
    assert "".join(chunk.text for chunk in chunks) == "return a + b"
    assert chunks[-1].usage == Usage(prompt_tokens=21, completion_tokens=5)
    asked = mistral.completions[-1]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (asked.path, asked.body["min_tokens"]) == (FIM_PATH, 1)
    mistral.answer_always(failure(429, envelope("Rate limit exceeded", "rate_limited", "1300")))
    with pytest.raises(errors.RateLimited):
        await collect(provider.fim(GAP))


async def test_a_team_has_one_budget_at_the_proxy(
    mistral: Mistral, litellm: LiteLlm, ask: Callable[..., Any], tmp_path: Path
) -> None:
    """Two machines, which share no file: the proxy counts for both, and each heeds its refusal."""
    governors = [
        Governor(LimitSettings(), partial(tmp_path.joinpath, name)) for name in ("one", "another")
    ]
    endpoint = Endpoint(base_url=litellm.url, key=Secret(PROXY_KEY, "test"))
    meters = [each.meter("openai_compatible", endpoint) for each in governors]
    machines = [ask("shared", meter=meter) for meter in meters]
    answered, refused, not_sent = 0, 0, 0
    for turn in range(24):
        try:
            await collect(machines[turn % 2].fim(GAP))
            answered += 1
        except errors.BudgetExceeded:
            not_sent += 1
        except errors.RateLimited:
            refused += 1
    for governor in governors:
        await governor.close()
    assert answered  # up to twice as many as allowed, where a minute of the proxy's ends meanwhile
    assert 1 <= refused <= len(machines)
    assert not_sent >= 24 - 2 * 6 - refused


async def test_mistrals_limits_are_learnt_through_the_proxy(
    mistral: Mistral, litellm: LiteLlm, made: Made, tmp_path: Path
) -> None:
    headers = {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "0"}
    mistral.answer_always(Answer(headers=headers))
    governor = Governor(LimitSettings(), lambda: tmp_path)
    url = litellm.url + "/mistral"
    meter = governor.meter("mistral", Endpoint(base_url=url, key=Secret(PROXY_KEY, "test")))
    provider = made("mistral", url, key=PROXY_KEY, model="codestral-latest", meter=meter)
    await collect(provider.fim(GAP))
    with pytest.raises(errors.BudgetExceeded):
        await collect(provider.fim(GAP))
    await governor.close()
    assert len(mistral.completions) == 1


NO_ROOM = "Service tier capacity exceeded for this model."
REFUSALS: Mapping[str, tuple[Answer, type[errors.ProviderError]]] = {
    "rate": (
        failure(429, envelope("Rate limit exceeded", "rate_limited", "1300", 429)),
        errors.RateLimited,
    ),
    "capacity": (
        failure(429, envelope(NO_ROOM, "service_tier_capacity_exceeded", "3505", 429)),
        errors.ServerOverloaded,
    ),
    "trouble": (failure(503, {}), errors.ServerOverloaded),
    "too long": (
        failure(400, envelope(TOO_LONG, "invalid_request_prompt", "3051")),
        errors.ContextLengthExceeded,
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_what_mistral_refuses_is_told_for_what_it_is(
    mistral: Mistral, ask: Callable[..., Any], name: str
) -> None:
    refused, kind = REFUSALS[name]
    provider = ask("codestral")
    assert await text_of(provider.fim(GAP)) == "return a + b"
    mistral.answer_always(refused)
    with pytest.raises(errors.ProviderError) as raised:
        await collect(provider.fim(GAP))
    assert type(raised.value) is kind
    mistral.answer_always(Answer())
    assert await text_of(provider.fim(GAP)) == "return a + b"


async def test_a_key_of_the_proxys_that_is_refused_is_not_blamed_on_ours(
    mistral: Mistral, ask: Callable[..., Any]
) -> None:
    provider = ask("codestral")
    assert await text_of(provider.fim(GAP)) == "return a + b"
    mistral.answer_always(failure(401, {"detail": "Unauthorized"}))
    with pytest.raises(errors.Unauthorized, match="its own key") as raised:
        await collect(provider.fim(GAP))
    assert "A_VARIABLE" not in str(raised.value)


async def test_mistral_out_of_reach_is_told(litellm: LiteLlm, ask: Callable[..., Any]) -> None:
    with pytest.raises(errors.ServerOverloaded):
        await collect(ask("codestral").fim(GAP))


async def test_a_model_that_mistral_retired_is_told(
    mistral: Mistral, ask: Callable[..., Any]
) -> None:
    with pytest.raises(errors.ModelNotFound):
        await collect(ask("retired").fim(GAP))


@pytest.mark.parametrize("chats", [False, True], ids=["fim", "chat"])
async def test_a_wrong_key_is_told(ask: Callable[..., Any], chats: bool) -> None:
    provider = ask("codestral", key="sk-foreign-key-0123456789")
    with pytest.raises(errors.Unauthorized, match="A_VARIABLE") as raised:
        await collect(provider.chat(QUESTION) if chats else provider.fim(GAP))
    assert "foreign" not in str(raised.value)


@pytest.mark.parametrize("chats", [False, True], ids=["fim", "chat"])
async def test_no_key_is_hinted_at(ask: Callable[..., Any], chats: bool) -> None:
    """Without a database the proxy falls over a request that has none."""
    provider = ask("codestral", key="")
    with pytest.raises(errors.ServerOverloaded, match="set one"):
        await collect(provider.chat(QUESTION) if chats else provider.fim(GAP))


@pytest.mark.parametrize("chats", [False, True], ids=["fim", "chat"])
async def test_an_unknown_model_is_told(ask: Callable[..., Any], chats: bool) -> None:
    provider = ask("nobody-has-this")
    with pytest.raises(errors.ModelNotFound):
        await collect(provider.chat(QUESTION) if chats else provider.fim(GAP))


async def test_an_own_server_is_asked_by_a_template(
    ask: Callable[..., Any], tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    provider = ask("qwen2.5-coder", strategy_cache=remembered)
    chunks = await collect(provider.fim(GAP))
    assert "".join(chunk.text for chunk in chunks) == "".join(FILLED)
    assert chunks[-1].finish is FinishReason.STOP
    assert [verdict.path for verdict in written(remembered)] == ["template"]


async def test_hanging_up_on_the_proxy_stops_the_slot_behind_it(
    endless: LlamaCpp, ask: Callable[..., Any]
) -> None:
    before = endless.counted("n_decode_total")
    provider = ask("qwen2.5-coder-endless")
    stream = provider.fim(replace(GAP, max_tokens=LONG_TOKENS))
    await anext(stream)
    await endless.until(busy=True)
    await stream.aclose()
    await endless.until(busy=False)
    assert endless.counted("n_decode_total") - before < LONG_TOKENS / 2


async def test_a_model_that_fills_no_gaps_does_so_by_conversation(
    ask: Callable[..., Any], notices: list[Notice], tmp_path: Path
) -> None:
    remembered = StrategyCache(tmp_path)
    provider = ask("own-chat", strategy_cache=remembered)
    assert "".join(CONTINUED) in await text_of(provider.fim(GAP))
    assert [notice.topic for notice in notices] == ["no-fim"]
    assert [verdict.path for verdict in written(remembered)] == ["chat"]


async def test_a_conversation_streams(ask: Callable[..., Any]) -> None:
    chunks = await collect(ask("own-chat").chat(QUESTION))
    assert "".join(chunk.text for chunk in chunks) == "".join(CONTINUED)
    assert len([chunk for chunk in chunks if chunk.text]) > 1
    assert chunks[-1].finish is FinishReason.STOP
