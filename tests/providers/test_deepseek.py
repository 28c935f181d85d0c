"""DeepSeek, and whoever fills gaps as it does."""

from __future__ import annotations

import pytest

from devstral_lsp.providers.base import FimRequest
from tests.providers.conftest import Made
from tests.support.fake_openai import FakeOpenAi
from tests.support.streams import collect

REQUEST = FimRequest(prompt="", suffix="b", max_tokens=64, top_p=0)


@pytest.mark.parametrize("route", ["", "/v1", "/beta", "/beta/completions"])
async def test_prompt_and_suffix_go_to_the_beta_path(made: Made, route: str) -> None:
    async with FakeOpenAi(suffix="read", card={"id": "deepseek-v4-flash"}) as fake:
        await collect(made("deepseek", fake.url + route).fim(REQUEST))
    (request,) = fake.scripted
    assert request.path == "/beta/completions"
    assert request.body == {
        "model": "deepseek-v4-flash",
        "suffix": "b",
        "prompt": "\n",
        "max_tokens": 64,
        "logprobs": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_a_suffix_is_never_empty(made: Made) -> None:
    async with FakeOpenAi(suffix="read") as fake:
        await collect(made("deepseek", fake).fim(FimRequest(prompt="a", max_tokens=9)))
    assert fake.scripted[0].body["suffix"] == "\n"


async def test_a_refused_suffix_leads_to_a_conversation(made: Made) -> None:
    async with FakeOpenAi(suffix="refused") as fake:
        await collect(made("deepseek", fake).fim(REQUEST))
    assert [request.path for request in fake.scripted] == ["/v1/chat/completions"]
