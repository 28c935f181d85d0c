"""vLLM: the template as text where its tokenizer reads control strings, else as ids."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import FimRequest, Notice
from tests.providers.conftest import Made
from tests.support.answers import Answer, failure
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import Received
from tests.support.streams import collect, text_of
from tests.support.verdicts import Verdicts

REQUEST = FimRequest(
    prompt="def f(a, b):\n    ",
    suffix="\n    return a + b\n",
    max_tokens=64,
    min_tokens=1,
    stop=("1", "2", "3"),
    temperature=0.0,
)

# What mistral-common 1.13.1 makes of REQUEST: a mark, [SUFFIX], the suffix, [PREFIX], the prompt.
TEKKEN = (1, 16, 1010, 1293, 1850, 1261, 1867, 1289, 1010, 14, 3149, 1284, 8897, 1044, 1289, 3640)
TEKKEN = (*TEKKEN, 1260)
SENTENCEPIECE = (
    *(1, 13, 781, 3055, 1372, 1032, 1416, 1055, 781),
    *(11, 1569, 1053, 29500, 29476, 29493, 1055, 2097, 781, 1028),
)
_LETTERS = (1091, 1083, 41533, 10445, 1093, 1091, 1080, 60637, 1093)
"""How a tokenizer in Mistral's mode reads "[SUFFIX][PREFIX]"."""


def mistral_mode(ids: tuple[int, ...], prefix: int, guard: tuple[int, ...]) -> dict[str, Any]:
    """A tokenizer that knows the texts of REQUEST, and no control string."""
    at = ids.index(prefix)
    return {
        "[SUFFIX][PREFIX]": _LETTERS,
        REQUEST.prompt: ids[at + 1 :],
        "☺": guard,
        "☺" + REQUEST.suffix: (*guard, *ids[2:at]),
    }


def codestral(**changes: Any) -> dict[str, Any]:
    card = {"id": "code", "object": "model", "root": "mistralai/Codestral-22B-v0.1"}
    return {"card": card, "knows_tokens": False, **changes}


@pytest.mark.parametrize(
    ("ids", "tokenizer"),
    [
        (TEKKEN, mistral_mode(TEKKEN, 14, (4244, 246))),
        (SENTENCEPIECE, mistral_mode(SENTENCEPIECE, 11, (29473, 30026))),
    ],
)
async def test_mistrals_tokenizers_get_ids(
    made: Made, ids: tuple[int, ...], tokenizer: dict[str, Any], notices: list[Notice]
) -> None:
    verdicts = Verdicts()
    async with FakeOpenAi(**codestral(tokenizer=tokenizer)) as fake:
        provider = made("vllm", fake, strategy_cache=verdicts)
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
    body = fake.scripted[0].body
    assert body["prompt"] == [*ids]
    assert body["add_special_tokens"] is False
    assert verdicts.paths == ["token ids"]
    asked = [request.body["prompt"] for request in fake.received if request.path == "/tokenize"]
    # The suffix stands still while a line is typed.
    assert asked.count("☺" + REQUEST.suffix) == 1
    assert notices == []


async def test_a_tokenizer_that_reads_control_strings_gets_text(made: Made) -> None:
    verdicts = Verdicts()
    async with FakeOpenAi(tokenizer={}) as fake:
        await collect(made("vllm", fake, strategy_cache=verdicts).fim(REQUEST))
    assert fake.scripted[0].body == {
        "model": "qwen2.5-coder-7b",
        "prompt": f"<|fim_prefix|>{REQUEST.prompt}<|fim_suffix|>{REQUEST.suffix}<|fim_middle|>",
        "max_tokens": 64,
        "min_tokens": 1,
        # Four at most: whatever more may end an answer is cut here.
        "stop": ["1", "2", "3", "<|endoftext|>"],
        "temperature": 0.0,
        "logprobs": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert verdicts.paths == ["template"]


async def test_where_the_tokenizer_cannot_be_asked_the_name_decides(made: Made) -> None:
    async with FakeOpenAi() as fake:
        await collect(made("vllm", fake).fim(REQUEST))
    assert fake.scripted[0].body["prompt"].startswith("<|fim_prefix|>")


async def test_ids_of_an_unknown_vocabulary_are_not_guessed(
    made: Made, notices: list[Notice]
) -> None:
    tokenizer = {"[SUFFIX][PREFIX]": _LETTERS, REQUEST.prompt: (7, 8, 9)}
    async with FakeOpenAi([Answer(text=("x",))], **codestral(tokenizer=tokenizer)) as fake:
        assert await text_of(made("vllm", fake).fim(REQUEST)) == "x"
    (request,) = fake.scripted
    assert request.path == "/v1/chat/completions"
    assert request.body["continue_final_message"] is True
    assert request.body["add_generation_prompt"] is False
    assert [notice.topic for notice in notices] == ["no-fim"]


async def test_a_message_of_our_own_is_continued_only_where_there_is_one(made: Made) -> None:
    from tests.support.subjects import QUESTION

    async with FakeOpenAi() as fake:
        await collect(made("vllm", fake).chat(QUESTION))
    assert "continue_final_message" not in fake.scripted[0].body


@pytest.mark.parametrize("control", ["<|fim_middle|>", "<|fim_pad|>", "<|im_end|>"])
async def test_an_answer_ends_at_a_control_string(made: Made, control: str) -> None:
    pieces = ("x", control[:5], control[5:] + "y", "z")
    async with FakeOpenAi([Answer(text=pieces)], tokenizer={}) as fake:
        assert await text_of(made("vllm", fake).fim(REQUEST)) == "x"


async def test_the_window_that_the_server_has_bounds_the_prompt(made: Made) -> None:
    async with FakeOpenAi(tokenizer={}) as fake:
        provider = made("vllm", fake)
        await provider.warm()
        assert provider.limits.prompt_tokens == 1000


async def test_a_server_that_is_away_is_no_verdict(made: Made) -> None:
    with pytest.raises(errors.EndpointUnreachable):
        await collect(made("vllm", "http://127.0.0.1:1", model="codestral").fim(REQUEST))


REFUSED = {"message": "Extra inputs: 'continue_final_message'", "type": "BadRequestError"}


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": {**REFUSED, "code": 400}},
        {"error": {"message": "Assistant response prefill is incompatible with enable_thinking."}},
    ],
)
async def test_a_message_that_is_not_continued_is_not_begun_again(
    made: Made, refusal: dict[str, Any]
) -> None:
    def reply(request: Received) -> Answer:
        if request.path != "/v1/chat/completions":
            return failure(404, {"detail": "Not Found"})
        if "continue_final_message" in request.body:
            return failure(400, refusal)
        return Answer(text=("<gap>    return a + b</gap>",))

    async with FakeOpenAi(reply) as fake:
        provider = made("vllm", fake, model="devstral")
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) in ("a + b", "    return a + b")
    chats = [each.body for each in fake.scripted if each.path == "/v1/chat/completions"]
    assert ["continue_final_message" in each for each in chats] == [True, False, False]


async def test_the_window_that_a_refusal_names_bounds_what_is_sent_next(made: Made) -> None:
    message = "The decoder prompt (length 2153) is longer than the maximum model length of 1024."
    async with FakeOpenAi([failure(400, {"error": {"message": message, "code": 400}})]) as fake:
        provider = made("vllm", fake)
        with pytest.raises(errors.ContextLengthExceeded):
            await collect(provider.fim(REQUEST))
        assert provider.limits.prompt_tokens == 512
        assert (await provider.model_info(for_fim=True)).context_tokens == 1024


@pytest.mark.parametrize("sees", [True, False])
async def test_a_model_that_sees_is_known_by_its_tokens_for_a_picture(
    made: Made, sees: bool
) -> None:
    class Pictured(FakeOpenAi):
        def respond(self, request: Received) -> Answer:
            if request.path == "/tokenize" and "messages" in request.body:
                error = {"message": "m is not a multimodal model", "code": 400}
                return Answer(body={"tokens": [1]}) if sees else failure(400, {"error": error})
            return super().respond(request)

    async with Pictured() as fake:
        provider = made("vllm", fake, model="m")
        assert [await provider.supports_images() for _ in range(2)] == [sees] * 2
    assert [each.path for each in fake.received].count("/tokenize") == 1, "it is remembered"


async def test_a_vllm_that_cannot_be_asked_gets_no_pictures(made: Made) -> None:
    assert await made("vllm", "http://127.0.0.1:1", model="m").supports_images() is False
