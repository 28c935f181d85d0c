"""OpenRouter: who asks, what it costs, and errors that come with status 200."""

from __future__ import annotations

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ConnectionOptions, FimRequest, Notice, Secret
from devstral_lsp.providers.metering import Price
from tests.providers.conftest import Made
from tests.support.answers import Answer
from tests.support.fake_openai import FakeOpenAi
from tests.support.streams import collect, text_of
from tests.support.subjects import QUESTION, transcript

REQUEST = FimRequest(prompt="a", suffix="b", max_tokens=64)
CARD = {
    "id": "mistralai/devstral-2512",
    "context_length": 262144,
    "pricing": {"prompt": "0.00000005", "completion": "0.00000022", "image": "0"},
    "architecture": {"input_modalities": ["text"]},
}


async def test_it_is_told_who_asks(made: Made) -> None:
    async with FakeOpenAi() as fake:
        await collect(made("openrouter", fake).chat(QUESTION))
    headers = fake.scripted[0].headers
    assert headers["x-title"] == "devstral-lsp"
    assert headers["http-referer"].startswith("https://")


async def test_the_users_own_headers_go_before_ours(made: Made) -> None:
    link = ConnectionOptions(headers=(("x-title", Secret("my-editor", "settings")),))
    async with FakeOpenAi() as fake:
        await collect(made("openrouter", fake, connection=link).chat(QUESTION))
    assert fake.scripted[0].headers["x-title"] == "my-editor"


async def test_gaps_are_filled_by_conversation(made: Made, notices: list[Notice]) -> None:
    answer = Answer(text=("<gap>", "x", "</gap>"))
    async with FakeOpenAi([answer], card=CARD) as fake:
        assert await text_of(made("openrouter", fake).fim(REQUEST)) == "x"
    (request,) = fake.scripted
    assert [each["role"] for each in request.body["messages"]] == ["system", "user"]
    assert request.body["model"] == "mistralai/devstral-2512"
    for word in ("slower", "dearer", "mistralai/devstral-2512"):
        assert word in notices[0].message


async def test_the_endpoint_tells_price_and_window(made: Made) -> None:
    async with FakeOpenAi(card=CARD) as fake:
        facts = await made("openrouter", fake).model_info(for_fim=True)
    assert facts.price == Price(prompt=0.05, completion=0.22)
    assert facts.context_tokens == 262144
    assert facts.source == "the endpoint"


async def test_without_credit_it_says_so(made: Made) -> None:
    told = transcript("error-openrouter")
    for status in (402, 200):
        async with FakeOpenAi([Answer(status=status, body=told["body"])]) as fake:
            with pytest.raises(errors.QuotaExhausted):
                await collect(made("openrouter", fake).chat(QUESTION))


async def test_the_model_of_the_registry_is_asked_where_none_is_listed(made: Made) -> None:
    async with FakeOpenAi(card={"id": "text-embedding-3"}) as fake:
        await collect(made("openrouter", fake).chat(QUESTION))
    assert fake.scripted[0].body["model"] == "mistralai/codestral-2508"
