"""Vercel's AI Gateway."""

from __future__ import annotations

from devstral_lsp.providers.metering import Price
from tests.providers.conftest import Made
from tests.support.fake_openai import FakeOpenAi
from tests.support.streams import collect
from tests.support.subjects import QUESTION

CARD = {
    "id": "mistral/codestral",
    "context_window": 256000,
    "pricing": {"input": "0.0000003", "output": "0.0000009"},
}


async def test_ids_hold_the_vendor(made: Made) -> None:
    async with FakeOpenAi(card=CARD) as fake:
        await collect(made("vercel", fake).chat(QUESTION))
    assert fake.scripted[0].body["model"] == "mistral/codestral"
    assert "x-title" not in fake.scripted[0].headers


async def test_the_endpoint_tells_price_and_window(made: Made) -> None:
    async with FakeOpenAi(card=CARD) as fake:
        facts = await made("vercel", fake).model_info(for_fim=False)
    assert facts.price == Price(prompt=0.3, completion=0.9)
    assert facts.context_tokens == 256000
