"""An endpoint of which nothing is known: which way is found, and what it is asked on the way."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.errors import EndpointUnreachable
from devstral_lsp.providers.base import FimRequest, Notice
from tests.providers.conftest import Jump, Made
from tests.support.answers import Answer, failure
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import Received
from tests.support.streams import collect, text_of
from tests.support.verdicts import Verdicts

REQUEST = FimRequest(prompt="a", suffix="b", max_tokens=64)

FOUND: list[tuple[dict[str, Any], str, str, int]] = [
    # What the server is, the way that is found, where requests go, how often it was asked for that.
    ({"suffix": "read", "clever": True}, "suffix", "/v1/completions", 1),
    ({"suffix": "read"}, "suffix", "/v1/completions", 2),
    ({"suffix": "ignored"}, "template", "/v1/completions", 2),
    ({"suffix": "refused"}, "template", "/v1/completions", 2),
    ({"knows_tokens": False}, "chat", "/v1/chat/completions", 2),
    ({"counts": False}, "chat", "/v1/chat/completions", 2),
    ({"card": {"id": "gpt-4o"}}, "chat", "/v1/chat/completions", 1),
]


@pytest.mark.parametrize(("server", "way", "path", "questions"), FOUND)
async def test_the_way_that_works_is_found_once(
    made: Made, server: dict[str, Any], way: str, path: str, questions: int
) -> None:
    verdicts = Verdicts()
    async with FakeOpenAi(**server) as fake:
        for _ in range(2):
            provider = made("openai_compatible", fake, strategy_cache=verdicts)
            for _ in range(2):
                await collect(provider.fim(REQUEST))
    assert verdicts.paths == [way]
    assert {request.path for request in fake.scripted} == {path}
    assert len(fake.scripted) == 4
    assert len(fake.completions) == 4 + questions


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_list_that_is_refused_is_not_asked_for_at_each_key(made: Made, status: int) -> None:
    class Listless(FakeOpenAi):
        def respond(self, request: Received) -> Answer:
            if request.path == "/v1/models":
                return failure(status, {"error": {"message": "no"}})
            return super().respond(request)

    async with Listless() as fake:
        provider = made("openai_compatible", fake)
        await collect(provider.fim(REQUEST))
        first = len(fake.received)
        for _ in range(3):
            await collect(provider.fim(REQUEST))
    assert {each.path for each in fake.received[first:]} == {"/v1/chat/completions"}


async def test_a_question_that_was_not_answered_proves_nothing(made: Made) -> None:
    class Failing(FakeOpenAi):
        is_up = False

        def respond(self, request: Received) -> Answer:
            asks_for_tokens = request.path == "/v1/completions" and "suffix" not in request.body
            if asks_for_tokens and not self.is_up:
                return Answer(end="reset", headless=True)
            return super().respond(request)

    verdicts = Verdicts()
    async with Failing() as fake:
        provider = made("openai_compatible", fake, strategy_cache=verdicts)
        with pytest.raises(EndpointUnreachable):
            await collect(provider.fim(REQUEST))
        fake.is_up = True
        await collect(provider.fim(REQUEST))
    assert verdicts.paths == ["template"]


async def test_a_verdict_is_dropped_when_the_server_says_otherwise(made: Made) -> None:
    verdicts = Verdicts(**{"qwen2.5-coder-7b": "suffix"})
    async with FakeOpenAi(suffix="refused") as fake:
        provider = made("openai_compatible", fake, strategy_cache=verdicts)
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
    assert verdicts.paths == ["template"]
    assert fake.scripted[0].body["prompt"].startswith("<|fim_prefix|>")


async def test_conversations_say_once_that_they_are_the_poorer_way(
    made: Made, notices: list[Notice]
) -> None:
    answers = [Answer(text=("<gap>x</gap>",))] * 2
    async with FakeOpenAi(answers, card={"id": "gpt-4o"}) as fake:
        provider = made("openai_compatible", fake)
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "x"
    assert [notice.topic for notice in notices] == ["no-fim"]


async def test_a_proof_never_holds_the_users_text(made: Made) -> None:
    request = FimRequest(prompt="secret_sauce", suffix="secret_sauce", max_tokens=9)
    async with FakeOpenAi(suffix="ignored") as fake:
        await collect(made("openai_compatible", fake).fim(request))
    questions = [each for each in fake.completions if each not in fake.scripted]
    assert questions
    assert not any("secret_sauce" in str(each.body) for each in questions)


@pytest.mark.parametrize(
    "odd",
    [
        Answer(raw=b"null", content_type="application/json"),
        Answer(body={"choices": []}),
        failure(400, {"error": {"message": "starting up"}}),
    ],
)
async def test_an_odd_first_answer_decides_nothing(made: Made, jump: Jump, odd: Answer) -> None:
    """Chat serves for the time being, is not remembered, and what is better is looked for again."""

    class Starting(FakeOpenAi):
        is_up = False

        def respond(self, request: Received) -> Answer:
            is_probe = request.path == "/v1/completions" and not self.is_up
            return odd if is_probe else super().respond(request)

    verdicts = Verdicts()
    async with Starting(suffix="read", clever=True) as fake:
        provider = made("openai_compatible", fake, strategy_cache=verdicts)
        await collect(provider.fim(REQUEST))
        assert {request.path for request in fake.scripted} == {"/v1/chat/completions"}
        fake.is_up = True
        jump(61)
        await collect(provider.fim(REQUEST))
        assert fake.scripted[-1].path == "/v1/completions"
    assert verdicts.paths == ["suffix"]
