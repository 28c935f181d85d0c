"""Ollama: `suffix` where the model can insert, the raw template elsewhere, conversations."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ChatRequest, FimRequest, FinishReason, Notice
from devstral_lsp.providers.ollama import OllamaDecoder
from tests.providers.conftest import Made
from tests.support.answers import Answer
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_server import Received
from tests.support.streams import collect, text_of
from tests.support.subjects import transcript
from tests.support.verdicts import Verdicts

REQUEST = FimRequest(
    prompt="a",
    suffix="b",
    max_tokens=64,
    stop=("1", "2", "3", "4", "5"),
    temperature=0.0,
    top_p=0.9,
    random_seed=7,
)
OPTIONS = {
    "num_predict": 64,
    "temperature": 0.0,
    "top_p": 0.9,
    "seed": 7,
    "stop": ["1", "2", "3", "4", "5"],
}


async def test_a_model_that_inserts_gets_the_suffix(made: Made) -> None:
    verdicts = Verdicts()
    async with FakeOllama() as fake:
        provider = made("ollama", fake, strategy_cache=verdicts)
        for _ in range(2):
            await collect(provider.fim(REQUEST))
    assert fake.scripted[0].body == {
        "model": "qwen2.5-coder:7b",
        "prompt": "a",
        "suffix": "b",
        "options": OPTIONS,
        "logprobs": True,
        "stream": True,
    }
    assert [request.path for request in fake.received].count("/api/show") == 1
    assert verdicts.paths == ["suffix"]


async def test_another_gets_its_template_raw(made: Made) -> None:
    async with FakeOllama(abilities=("completion",)) as fake:
        await collect(made("ollama", fake).fim(REQUEST))
    body = fake.scripted[0].body
    assert body["prompt"] == "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"
    assert body["raw"] is True
    assert "suffix" not in body
    assert body["options"]["stop"][5:] == [
        *("<|endoftext|>", "<|fim_pad|>", "<|file_sep|>", "<|im_end|>"),
    ]


async def test_a_verdict_that_no_longer_holds_is_dropped(made: Made) -> None:
    """The model was updated and cannot insert any more: "does not support insert"."""
    verdicts = Verdicts(**{"qwen2.5-coder:7b": "suffix"})
    async with FakeOllama(abilities=()) as fake:
        provider = made("ollama", fake, strategy_cache=verdicts)
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
    assert [request.body.get("raw") for request in fake.scripted] == [True]
    assert verdicts.paths == ["template"]


async def test_a_model_of_no_known_family_converses(made: Made, notices: list[Notice]) -> None:
    answer = Answer(text=("<gap>", "x", "</gap>"))
    async with FakeOllama([answer], model="llama3:8b", abilities=("completion",)) as fake:
        assert await text_of(made("ollama", fake).fim(REQUEST)) == "x"
    assert fake.scripted[0].path == "/api/chat"
    assert [notice.topic for notice in notices] == ["no-fim"]


ENDS = [
    ("codestral:22b", "", "b", "[SUFFIX]b[PREFIX]", None, True),
    ("codestral:22b", "a", "", "[SUFFIX][PREFIX]a", None, True),
    ("a-model-that-inserts", "", "b", "\n", "b", None),
    ("a-model-that-inserts", "a", "", "a", "\n", None),
]


@pytest.mark.parametrize(("model", "before", "after", "prompt", "suffix", "raw"), ENDS)
async def test_neither_prompt_nor_suffix_is_ever_empty(
    made: Made,
    model: str,
    before: str,
    after: str,
    prompt: str,
    suffix: str | None,
    raw: bool | None,
) -> None:
    """An empty prompt only loads the model; without a suffix a conversation is made of it."""
    async with FakeOllama(model=model) as fake:
        request = FimRequest(prompt=before, suffix=after, max_tokens=9)
        assert await text_of(made("ollama", fake).fim(request)) == "return a + b"
    body = fake.scripted[0].body
    assert (body["prompt"], body.get("suffix"), body.get("raw")) == (prompt, suffix, raw)


async def test_a_model_that_thinks_is_told_not_to(made: Made) -> None:
    async with FakeOllama(abilities=("insert", "thinking")) as fake:
        await collect(made("ollama", fake).fim(REQUEST))
    assert fake.scripted[0].body["think"] is False


async def test_the_window_of_the_model_bounds_the_prompt(made: Made) -> None:
    async with FakeOllama(parameters='stop "x"\nnum_ctx                        1024') as fake:
        provider = made("ollama", fake)
        await provider.warm()
        assert provider.limits.prompt_tokens == 512


@pytest.mark.parametrize("route", ["", "/", "/api", "/api/generate", "/v1"])
async def test_the_address_is_taken_with_any_route(made: Made, route: str) -> None:
    async with FakeOllama() as fake:
        assert await text_of(made("ollama", fake.url + route).fim(REQUEST)) == "return a + b"


async def test_a_model_that_is_not_there_is_to_be_fetched(made: Made) -> None:
    async with FakeOllama() as fake:
        with pytest.raises(errors.ModelNotFound, match="ollama pull codestral:22b"):
            await collect(made("ollama", fake, model="codestral:22b").fim(REQUEST))


def test_a_model_that_was_only_loaded_is_no_answer() -> None:
    reply = OllamaDecoder()
    assert reply.read(transcript("resp-ollama-empty-prompt-load")["body"]) == ""
    assert reply.last().finish is FinishReason.INCOMPLETE


@pytest.mark.parametrize("line", [{}, {"choices": []}, {"message": "x"}])
def test_a_line_that_is_no_part_of_a_completion_is_passed_over(line: dict[str, Any]) -> None:
    assert OllamaDecoder().read(line) is None


@pytest.mark.parametrize("text", [7, [], {"a": 1}, True])
def test_a_piece_that_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(errors.InvalidResponse):
        OllamaDecoder().read({"response": text, "done": False})


# Conversations

CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "read", "arguments": '{"path": "a.py"}'},
}
TOOL = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}


async def test_messages_leave_in_ollamas_shape(made: Made) -> None:
    picture = "data:image/png;base64,QUJD"
    question = ChatRequest(
        messages=[
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "u"},
                                         {"type": "image_url", "image_url": picture}]},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "name": "read", "tool_call_id": "c1", "content": "text"},
        ],
        max_tokens=64,
        tools=[TOOL],
        response_format={"type": "json_schema",
                         "json_schema": {"name": "edit", "schema": {"type": "object"}}},
    )  # fmt: skip
    async with FakeOllama() as fake:
        await collect(made("ollama", fake).chat(question))
    body = fake.scripted[0].body
    assert body["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u", "images": ["QUJD"]},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"function": {"name": "read", "arguments": {"path": "a.py"}}}],
        },
        {"role": "tool", "content": "text", "tool_name": "read"},
    ]
    assert body["tools"] == [TOOL]
    assert body["format"] == {"type": "object"}
    assert body["options"] == {"num_predict": 64}


async def test_any_json_is_a_word(made: Made) -> None:
    question = ChatRequest(
        messages=[{"role": "user", "content": "u"}],
        max_tokens=64,
        response_format={"type": "json_object"},
    )
    async with FakeOllama() as fake:
        await collect(made("ollama", fake).chat(question))
    assert fake.scripted[0].body["format"] == "json"


def test_tool_calls_come_whole_with_arguments_as_an_object() -> None:
    reply = OllamaDecoder()
    function = {"name": "read", "arguments": {"path": "a.py"}}
    reply.read({"message": {"content": "", "tool_calls": [{"function": function}, 1, {}]}})
    reply.read({"message": {"content": ""}, "done": True, "done_reason": "stop"})
    last = reply.last()
    assert last.finish is FinishReason.TOOL_CALLS
    assert [call["function"] for call in last.tool_calls] == [
        {"name": "read", "arguments": '{"path": "a.py"}'}
    ]


@pytest.mark.parametrize("sees", [True, False])
async def test_whether_images_are_seen_is_asked_of_the_model(made: Made, sees: bool) -> None:
    abilities = ("completion", "vision") if sees else ("completion",)
    async with FakeOllama(model="devstral", abilities=abilities) as fake:
        assert await made("ollama", fake).supports_images() is sees


@pytest.mark.parametrize("digits", ["9" * 400, "1" * 5000, "0"])
async def test_a_window_that_no_model_has_is_no_reason_to_fail(made: Made, digits: str) -> None:
    async with FakeOllama(parameters=f"num_ctx {digits}") as fake:
        provider = made("ollama", fake)
        await provider.warm()
        assert await collect(provider.fim(REQUEST))


# Loading


class _Loading(FakeOllama):
    """Loads its model until `loaded` is set, and begins anew when who waits for it hangs up."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = asyncio.Event()

    def respond(self, request: Received) -> Answer:
        if request.path not in self.completion_paths or self.loaded.is_set():
            return super().respond(request)
        return Answer(headless=True, end="hang", first_ms=0)


async def test_a_model_that_loads_slowly_is_loaded_by_a_request_that_nobody_cancels(
    made: Made,
) -> None:
    async with _Loading() as fake:
        provider = made("ollama", fake, model="qwen2.5-coder:7b", timeout_ms=1000)
        for _ in range(3):
            with pytest.raises(errors.ServerOverloaded, match="is loading the model") as raised:
                await collect(provider.fim(REQUEST))
            assert raised.value.is_loading
        (load,) = (each for each in fake.completions if each.body.get("prompt") == "")
        assert not load.hung_up.is_set()
        # Should that request be lost on the way, the next one is answered all the same.
        fake.loaded.set()
        assert await text_of(provider.fim(REQUEST)) == "return a + b"


async def test_hanging_up_does_not_end_the_loading(made: Made) -> None:
    async with _Loading() as fake:
        provider = made("ollama", fake, model="qwen2.5-coder:7b", timeout_ms=400)
        asking = asyncio.ensure_future(collect(provider.fim(REQUEST)))
        while not any(each.body.get("prompt") == "" for each in fake.completions):
            await fake.arrival(len(fake.received) + 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        load = fake.completions[-1]
        await fake.completions[0].hung_up.wait()
        assert not load.hung_up.is_set()


async def test_an_answer_that_is_just_slow_is_waited_for(made: Made) -> None:
    slow = Answer(first_ms=300)
    async with FakeOllama([slow]) as fake:
        provider = made("ollama", fake, model="qwen2.5-coder:7b", timeout_ms=5000)
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
