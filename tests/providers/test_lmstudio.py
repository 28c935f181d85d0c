"""LM Studio: templates by the model's name, and the model that is loaded."""

from __future__ import annotations

from devstral_lsp.providers.base import FimRequest
from tests.providers.conftest import Made
from tests.support.fake_openai import FakeOpenAi
from tests.support.streams import collect

REQUEST = FimRequest(prompt="a", suffix="b", max_tokens=64)


async def test_the_loaded_model_gets_its_template(made: Made) -> None:
    async with FakeOpenAi(card={"id": "starcoder2-7b"}) as fake:
        await collect(made("lmstudio", fake).fim(REQUEST))
    (request,) = fake.scripted
    assert request.path == "/v1/completions"
    assert request.body["model"] == "starcoder2-7b"
    assert request.body["prompt"] == "<fim_prefix>a<fim_suffix>b<fim_middle>"
    assert "suffix" not in request.body


async def test_another_converses(made: Made) -> None:
    async with FakeOpenAi(card={"id": "devstral-small-2507"}) as fake:
        await collect(made("lmstudio", fake).fim(REQUEST))
    assert [request.path for request in fake.scripted] == ["/v1/chat/completions"]
