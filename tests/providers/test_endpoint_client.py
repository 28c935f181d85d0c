"""What an endpoint that does not answer at first says about itself: nothing."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import FimRequest, Notice
from tests.providers.conftest import Made
from tests.support.answers import Answer, failure, page
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import Received
from tests.support.streams import text_of
from tests.support.verdicts import Verdicts

REQUEST = FimRequest(prompt="a", suffix="b", max_tokens=64)

BESIDE_ITSELF = [
    pytest.param(Answer(end="reset", headless=True), id="no answer"),
    pytest.param(failure(503, {"detail": "Loading model"}), id="loading"),
    pytest.param(page(502), id="gateway's page"),
]


class Starting(FakeOpenAi):
    """Answers every request with `trouble` until it is up."""

    def __init__(self, trouble: Answer, **made: Any) -> None:
        super().__init__(**made)
        self.trouble: Answer | None = trouble

    def respond(self, request: Received) -> Answer:
        return self.trouble or super().respond(request)


@pytest.mark.parametrize("trouble", BESIDE_ITSELF)
@pytest.mark.parametrize("name", ["lmstudio", "vllm"])
async def test_a_server_that_is_not_up_yet_is_not_taken_for_one_without_fim(
    made: Made, notices: list[Notice], name: str, trouble: Answer
) -> None:
    verdicts = Verdicts()
    async with Starting(trouble) as fake:
        provider = made(name, fake, strategy_cache=verdicts)
        await provider.warm()
        with pytest.raises((errors.EndpointUnreachable, errors.ServerOverloaded)):
            await text_of(provider.fim(REQUEST))
        fake.trouble = None
        await text_of(provider.fim(REQUEST))
    assert [request.path for request in fake.scripted] == ["/v1/completions"]
    assert verdicts.paths == ["template"]
    assert notices == []


async def test_the_list_tells_what_the_users_own_name_for_a_model_stands_for(made: Made) -> None:
    card = {"id": "code", "object": "model", "root": "Qwen/Qwen2.5-Coder-7B"}
    async with FakeOpenAi(card=card) as fake:
        await text_of(made("lmstudio", fake, model="code").fim(REQUEST))
    (request,) = fake.scripted
    assert request.body["prompt"] == "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"


async def test_one_that_lists_no_models_is(made: Made, notices: list[Notice]) -> None:
    class Listless(FakeOpenAi):
        def respond(self, request: Received) -> Answer:
            unknown = request.path == "/v1/models"
            return failure(404, {"detail": "Not Found"}) if unknown else super().respond(request)

    async with Listless() as fake:
        await text_of(made("lmstudio", fake).fim(REQUEST))
    assert [request.path for request in fake.scripted] == ["/v1/chat/completions"]
    assert [notice.topic for notice in notices] == ["no-fim"]


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": {"message": "Unrecognized request argument supplied: logprobs", "code": None}},
        {"error": {"message": "logprobs are not supported by this model", "param": "logprobs"}},
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "logprobs"], "msg": "Extra"}]},
        {"error": {"message": "'logprobs' is not supported.", "type": "unsupported_parameter"}},
    ],
)
async def test_probabilities_are_left_out_where_they_are_refused(
    made: Made, refusal: dict[str, Any]
) -> None:
    class Reticent(FakeOpenAi):
        def respond(self, request: Received) -> Answer:
            asked = request.body and "logprobs" in request.body
            return failure(400, refusal) if asked else super().respond(request)

    async with Reticent() as fake:
        provider = made("vllm", fake)
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
    asked = [request for request in fake.received if request.path == "/v1/completions"]
    assert ["logprobs" in request.body for request in asked] == [True, False, False]
