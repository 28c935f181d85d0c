"""OpenAI's own SDK talks to every fake that claims its wire, and judges each answer strictly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import openai
import pytest

from tests.support.answers import USAGE, Answer, failure
from tests.support.fake_llamacpp import FakeLlamaCpp
from tests.support.fake_openai import FakeOpenAi, text_completion
from tests.support.fake_server import FakeServer
from tests.support.fake_tgi import FakeTgi

KEY = "a-key-0123456789abcdef"
MODEL = "qwen2.5-coder-7b"
MESSAGES: Any = [{"role": "user", "content": "Add."}]
COUNTED: Any = {"include_usage": True}
CALL = {
    "index": 0,
    "id": "call_1",
    "type": "function",
    "function": {"name": "add", "arguments": '{"a": 1}'},
}

Fake = Callable[..., FakeServer]
CHATTING = pytest.mark.parametrize("kind", [FakeOpenAi, FakeLlamaCpp, FakeTgi])
LISTING = pytest.mark.parametrize("kind", [FakeOpenAi, FakeLlamaCpp, FakeTgi])


def sdk_for(fake: FakeServer, key: str = KEY, *, strict: bool = True) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=key,
        base_url=fake.url + "/v1",
        max_retries=0,
        _strict_response_validation=strict,
    )


async def items(stream: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in stream]


@CHATTING
async def test_the_sdk_streams_a_conversation(kind: Fake) -> None:
    async with kind(key=KEY) as fake, sdk_for(fake) as sdk:
        stream = await sdk.chat.completions.create(
            model=MODEL, messages=MESSAGES, stream=True, stream_options=COUNTED
        )
        events = await items(stream)
    choices = [event.choices[0] for event in events if event.choices]
    assert "".join(choice.delta.content or "" for choice in choices) == "return a + b"
    assert choices[-1].finish_reason == "stop"
    assert [event.usage.prompt_tokens for event in events if event.usage] == [
        USAGE["prompt_tokens"]
    ]


@CHATTING
async def test_the_sdk_is_called_back_for_tools(kind: Fake) -> None:
    answer = Answer(text=(), tool_calls=(CALL,), finish_reason="tool_calls")
    async with kind([answer], key=KEY) as fake, sdk_for(fake) as sdk:
        stream = await sdk.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        events = await items(stream)
    calls = [call for event in events for call in event.choices[0].delta.tool_calls or ()]
    assert [call.function.name for call in calls] == ["add"]


async def test_the_sdk_streams_a_completion() -> None:
    # Its type has no room for the null that stands as finish_reason before the end, OpenAI's too.
    async with FakeOpenAi(key=KEY) as fake, sdk_for(fake, strict=False) as sdk:
        stream = await sdk.completions.create(
            model=MODEL, prompt="def", suffix="x", stream=True, stream_options=COUNTED
        )
        events = await items(stream)
    choices = [event.choices[0] for event in events if event.choices]
    assert "".join(choice.text for choice in choices) == "return a + b"
    assert choices[-1].finish_reason == "stop"
    assert events[-1].usage.completion_tokens == USAGE["completion_tokens"]


async def test_the_sdk_completes_whole() -> None:
    async with FakeOpenAi(key=KEY) as fake, sdk_for(fake) as sdk:
        answer = await sdk.completions.create(model=MODEL, prompt="def")
    assert answer.choices[0].text == "x"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 1


@LISTING
async def test_the_sdk_lists_models(kind: Fake) -> None:
    async with kind(key=KEY) as fake, sdk_for(fake) as sdk:
        (card,) = (await sdk.models.list()).data
    assert card.id
    assert card.owned_by


@CHATTING
async def test_the_sdk_knows_the_refusals(kind: Fake) -> None:
    async with kind(key=KEY) as fake:
        async with sdk_for(fake, "another-key") as sdk:
            with pytest.raises(openai.AuthenticationError):
                await sdk.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        fake.answer_always(failure(429, {"error": {"message": "slow down", "code": 429}}))
        async with sdk_for(fake) as sdk:
            with pytest.raises(openai.RateLimitError):
                await sdk.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)


@CHATTING
async def test_the_sdk_hears_an_error_in_mid_stream(kind: Fake) -> None:
    failing = {"error": {"message": "gone", "type": "server_error", "code": 500}}
    async with kind([Answer(failing=failing)], key=KEY) as fake, sdk_for(fake) as sdk:
        stream = await sdk.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        with pytest.raises(openai.APIError, match="gone"):
            await items(stream)


async def test_an_answer_that_strays_is_refused() -> None:
    """That the SDK judges at all."""
    strayed = text_completion(MODEL, "x") | {"choices": [{"index": "first", "text": 1}]}
    async with FakeOpenAi(key=KEY) as fake, sdk_for(fake) as sdk:
        fake.respond = lambda request: Answer(body=strayed)  # type: ignore[method-assign]
        with pytest.raises(openai.APIResponseValidationError):
            await sdk.completions.create(model=MODEL, prompt="def")
