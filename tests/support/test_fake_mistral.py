"""The fake is only worth something if Mistral's own SDK cannot tell: so it talks to it here."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, SDKError

from tests.support.answers import USAGE, Answer
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.mistral_schema import faults

QUESTION = {"role": "user", "content": "Add."}


async def test_the_sdk_completes_fim() -> None:
    async with FakeMistral() as fake, Mistral(api_key=KEY, server_url=fake.url) as sdk:
        answer = await sdk.fim.complete_async(model="codestral-latest", prompt="def", suffix="x")
    assert answer.choices[0].message.content == "return a + b"
    assert answer.usage.prompt_tokens == USAGE["prompt_tokens"]


async def test_the_sdk_streams_fim() -> None:
    async with FakeMistral() as fake, Mistral(api_key=KEY, server_url=fake.url) as sdk:
        stream = await sdk.fim.stream_async(model="codestral-latest", prompt="def")
        choices = [event.data.choices[0] async for event in stream]
    assert "".join(str(choice.delta.content) for choice in choices) == "return a + b"
    assert choices[-1].finish_reason == "stop"


async def test_the_sdk_chats() -> None:
    async with FakeMistral() as fake, Mistral(api_key=KEY, server_url=fake.url) as sdk:
        answer = await sdk.chat.complete_async(model="codestral-latest", messages=[QUESTION])
        stream = await sdk.chat.stream_async(model="codestral-latest", messages=[QUESTION])
        pieces = [str(event.data.choices[0].delta.content) async for event in stream]
    assert answer.choices[0].message.content == "".join(pieces) == "return a + b"


async def test_the_sdk_lists_models() -> None:
    async with FakeMistral() as fake, Mistral(api_key=KEY, server_url=fake.url) as sdk:
        cards = (await sdk.models.list_async()).data or []
    offered = {card.id: card.capabilities.completion_fim for card in cards}
    assert offered["codestral-latest"] is True
    assert offered["devstral-2512"] is False


@pytest.mark.parametrize(
    ("key", "model", "status"),
    [("another", "codestral-latest", 401), (KEY, "nope", 400), (KEY, "devstral-2512", 400)],
)
async def test_the_sdk_reads_the_refusals(key: str, model: str, status: int) -> None:
    async with FakeMistral() as fake, Mistral(api_key=key, server_url=fake.url) as sdk:
        with pytest.raises(SDKError) as raised:
            await sdk.fim.complete_async(model=model, prompt="def")
    assert raised.value.status_code == status


async def test_the_sdk_finds_the_field_that_a_422_is_about() -> None:
    async with FakeMistral() as fake, Mistral(api_key=KEY, server_url=fake.url) as sdk:
        with pytest.raises(HTTPValidationError) as raised:
            await sdk.fim.complete_async(model="codestral-latest", prompt="def", temperature=3)
    (detail,) = raised.value.data.detail or []
    assert detail.loc == ["body", "temperature"]


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("/v1/fim/completions", {"n_predict": 64}),
        ("/v1/fim/completions", {"stream_options": {"include_usage": True}}),
        ("/v1/fim/completions", {"max_tokens": "64"}),
        ("/v1/fim/completions", {"stream": None}),
        ("/v1/fim/completions", {"temperature": 2}),
        ("/v1/fim/completions", {"top_p": 0}),
        ("/v1/chat/completions", {"max_completion_tokens": 64}),
        ("/v1/chat/completions", {"seed": 1}),
        ("/v1/chat/completions", {"messages": [{**QUESTION, "name": "me"}]}),
    ],
)
def test_what_mistral_refuses_is_refused(path: str, extra: dict[str, object]) -> None:
    sound = {"model": "m", "stream": True}
    sound |= {"prompt": "p"} if "fim" in path else {"messages": [QUESTION]}
    assert faults(path, sound) == []
    (name,) = extra
    assert any(name in fault["loc"] for fault in faults(path, sound | extra))


async def test_it_runs_as_a_command() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.fake_mistral", "--piece", "x = 1", "--lenient"),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with Mistral(api_key=KEY, server_url=url) as sdk:
            answer = await sdk.fim.complete_async(model="codestral-latest", prompt="def")
    finally:
        process.kill()
        await process.wait()
    assert answer.choices[0].message.content == "x = 1"


async def test_a_prefix_message_is_repeated_and_a_stop_string_is_not() -> None:
    prefix = {"role": "assistant", "content": "<gap>", "prefix": True}
    script = [Answer(text=("a", "b</g", "ap>c"))]
    async with FakeMistral(script) as fake, Mistral(api_key=KEY, server_url=fake.url) as sdk:
        answer = await sdk.chat.complete_async(
            model="codestral-latest", messages=[QUESTION, prefix], stop=["</gap>"]
        )
    assert answer.choices[0].message.content == "<gap>ab"
