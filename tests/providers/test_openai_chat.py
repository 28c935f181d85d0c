"""OpenAI's wire for conversations: what differs from Mistral's, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ChatRequest, FinishReason, SupportsVision
from tests.providers.conftest import Made
from tests.support.answers import Answer, failure
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import Received
from tests.support.streams import collect, text_of
from tests.support.subjects import QUESTION

NAME = "openai_compatible"
BEGUN = ChatRequest(
    messages=[
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "<gap>  ", "prefix": True},
    ],
    max_tokens=9,
)


async def test_every_setting_is_sent_in_openais_words(made: Made) -> None:
    tool = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
    schema = {"type": "json_schema", "json_schema": {"name": "edit", "schema": {}}}
    picture = "data:image/png;base64,QUJD"
    request = ChatRequest(
        messages=[
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "image_url", "image_url": picture}]},
        ],
        max_tokens=64,
        stop=("1", "2", "", "3", "4", "5"),
        temperature=0.0,
        top_p=0.9,
        random_seed=7,
        response_format=schema,
        tools=[tool],
        tool_choice="any",
        prediction="x = 1",
        cache_key="k",
    )
    async with FakeOpenAi() as fake:
        await collect(made(NAME, fake, model="m").chat(request))
    assert fake.scripted[0].body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]},
        ],
        "max_tokens": 64,
        "stop": ["1", "2", "3", "4"],
        "temperature": 0.0,
        "top_p": 0.9,
        "seed": 7,
        "response_format": schema,
        "tools": [tool],
        "tool_choice": "required",
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_tool_calls_come_with_the_finish(made: Made) -> None:
    call = {"index": 0, "id": "c1", "function": {"name": "read", "arguments": "{}"}}
    answer = Answer(text=(), tool_calls=[call], finish_reason="tool_calls")
    async with FakeOpenAi([answer]) as fake:
        (last,) = await collect(made(NAME, fake).chat(QUESTION))
    assert last.finish is FinishReason.TOOL_CALLS
    assert last.tool_calls[0]["function"] == {"name": "read", "arguments": "{}"}


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("x", "y"), "<gap>  xy"),
        (("<gap>  x", "y"), "<gap>  xy"),
        (("<g", "ap>", "  x"), "<gap>  x"),
        (("<g", "etter"), "<gap>  <getter"),
        ((), "<gap>  "),
        (("<",), "<gap>  <"),
    ],
)
async def test_what_we_began_is_there_whether_it_is_repeated_or_not(
    made: Made, pieces: tuple[str, ...], text: str
) -> None:
    async with FakeOpenAi([Answer(text=pieces)]) as fake:
        assert await text_of(made("vllm", fake).chat(BEGUN)) == text
    assert "prefix" not in fake.scripted[0].body["messages"][-1]


def refusing(*fields: str) -> Any:
    """A server that refuses each of these members by its name."""

    def answer(request: Received) -> Answer:
        for field in fields:
            if field in request.body:
                error = {"message": f"Unsupported parameter: '{field}'", "param": field}
                return failure(400, {"error": {**error, "type": "invalid_request_error"}})
        return Answer()

    return answer


async def test_what_is_refused_by_its_name_is_left_out_for_good(made: Made) -> None:
    request = ChatRequest(messages=QUESTION.messages, max_tokens=64, stop=("x",), random_seed=7)
    async with FakeOpenAi(refusing("stream_options", "seed", "stop")) as fake:
        provider = made(NAME, fake)
        for _ in range(2):
            assert await text_of(provider.chat(request)) == "return a + b"
    assert len(fake.scripted) == 3 + 1 + 1


async def test_the_limit_may_have_another_name(made: Made) -> None:
    async with FakeOpenAi(refusing("max_tokens")) as fake:
        assert await text_of(made(NAME, fake).chat(QUESTION)) == "return a + b"
    assert fake.scripted[-1].body["max_completion_tokens"] == 64


@pytest.mark.parametrize("field", ["messages", "tools", "response_format"])
async def test_what_an_answer_depends_on_is_never_left_out(made: Made, field: str) -> None:
    tool = {"type": "function", "function": {"name": "read", "parameters": {}}}
    request = ChatRequest(
        messages=QUESTION.messages,
        max_tokens=64,
        tools=[tool],
        response_format={"type": "json_object"},
    )
    async with FakeOpenAi(refusing(field)) as fake:
        with pytest.raises(errors.InvalidRequest) as raised:
            await collect(made(NAME, fake).chat(request))
    assert field in raised.value.fields
    assert len(fake.scripted) == 1


async def test_a_model_that_is_gone_is_looked_up_anew(made: Made) -> None:
    gone = failure(404, {"error": {"message": "The model `x` does not exist.", "code": 404}})
    async with FakeOpenAi([gone]) as fake:
        provider = made(NAME, fake)
        with pytest.raises(errors.ModelNotFound):
            await collect(provider.chat(QUESTION))
        await collect(provider.chat(QUESTION))
    assert [each.path for each in fake.received].count("/v1/models") == 2


@pytest.mark.parametrize(("modalities", "sees"), [(["text", "image"], True), (["text"], False)])
async def test_whether_images_are_seen_is_asked_of_the_list(
    made: Made, modalities: list[str], sees: bool
) -> None:
    card = {"id": "m", "architecture": {"input_modalities": modalities}}
    async with FakeOpenAi(card=card) as fake:
        provider = made(NAME, fake, model="m")
        assert isinstance(provider, SupportsVision)
        assert await provider.supports_images() is sees


GEMMA = {"error": {"code": 500, "message": "Jinja Exception: System role not supported"}}


@pytest.mark.parametrize("name", ["vllm", "llamacpp", "openai_compatible"])
async def test_a_system_message_goes_into_the_users_where_it_is_refused(
    made: Made, name: str
) -> None:
    def reply(request: Received) -> Answer:
        is_refused = request.body["messages"][0]["role"] == "system"
        return failure(500, GEMMA) if is_refused else Answer(text=("yes",))

    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Is it?"},
        {"role": "assistant", "content": "What?"},
        {"role": "user", "content": "This."},
    ]
    request = ChatRequest(messages=messages, max_tokens=9)
    async with FakeOpenAi(reply) as fake:
        provider = made(name, fake, model="m")
        for _ in range(2):
            assert await text_of(provider.chat(request)) == "yes"
    sent = [each.body["messages"] for each in fake.scripted]
    assert [each[0]["role"] for each in sent] == ["system", "user", "user"], "it is remembered"
    assert sent[2] == [{"role": "user", "content": "Be brief.\n\nIs it?"}, *messages[2:]]


async def test_a_system_message_that_is_no_reason_is_left_where_it_is(made: Made) -> None:
    async with FakeOpenAi([failure(500, GEMMA)] * 2 + [Answer(text=("yes",))]) as fake:
        provider = made(NAME, fake, model="m")
        request = ChatRequest(messages=[{"role": "system", "content": "s"}], max_tokens=9)
        with pytest.raises(errors.InvalidRequest):
            await collect(provider.chat(request))
        assert await text_of(provider.chat(request)) == "yes"
    assert [each.body["messages"][0]["role"] for each in fake.scripted] == [
        *("system", "user", "system")
    ]


async def test_a_picture_keeps_its_place_after_the_systems_words(made: Made) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": [picture]}]
    async with FakeOpenAi([failure(500, GEMMA), Answer(text=("x",))]) as fake:
        await collect(
            made(NAME, fake, model="m").chat(ChatRequest(messages=messages, max_tokens=9))
        )
    assert fake.scripted[1].body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "s\n\n"}, picture]}
    ]


async def test_reasoning_in_tags_is_not_shown(made: Made) -> None:
    async with FakeOpenAi([Answer(text=("<think>", "hm</think>", "yes"))]) as fake:
        assert await text_of(made(NAME, fake, model="m").chat(QUESTION)) == "yes"
