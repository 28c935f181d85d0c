"""Answers that stray from what was asked for: read if they are whole, else refused with a word."""

from __future__ import annotations

import json

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason, Notice
from devstral_lsp.providers.streaming import Tokens, finish_reason, tokens_of
from tests.providers.conftest import Made
from tests.support.answers import Answer
from tests.support.fake_openai import FakeOpenAi
from tests.support.streams import collect

REQUEST = FimRequest(prompt="def add(a, b):\n    ", suffix="\n", max_tokens=8)
STOP, LENGTH, INCOMPLETE = FinishReason.STOP, FinishReason.LENGTH, FinishReason.INCOMPLETE


def event(text: str | None, finish: str | None = None) -> str:
    return f"data: {json.dumps({'choices': [{'text': text, 'finish_reason': finish}]})}\n\n"


A, B, END = event("return a"), event(" + b"), event(None, "stop")
WHOLE = {"choices": [{"text": "return a + b", "finish_reason": "stop"}]}

READ = [
    ("data:\n\n" + A + "data: \n\n" + B + event("", "stop"), "", STOP),
    ('data: {"type":"ping"}\n\n' + A + "event: ping\ndata: {}\n\n" + B + END, "", STOP),
    (A + 'data: null\n\n' + 'data: {"id":"x"}\n\n' + B + "data: [DONE]\n\n", "", STOP),
    (A + B + "data: [DONE] \n\n", "", STOP),
    (A + B + "data:[DONE]", "", STOP),
    (A + B, "", INCOMPLETE),
    (A + event(" + b", "eos_token") + "data: [DONE]\n\n", "", STOP),
    (A + event(" + b", "MAX_TOKENS"), "", LENGTH),
    (json.dumps(WHOLE), "application/json", STOP),
    (json.dumps(WHOLE, indent=2), "application/json; charset=utf-8", STOP),
    (json.dumps(WHOLE) + "\n", "text/event-stream", STOP),
    ("\ufeff\n " + json.dumps(WHOLE), "text/plain", STOP),
    (A + B + event("", "stop"), "application/json", STOP),
    (A + B + event("", "stop"), "text/plain", STOP),
    ("\n".join(each[6:].strip() for each in (A, B, event("", "stop"))), "application/json", STOP),
]  # fmt: skip


@pytest.mark.parametrize("split_bytes", [0, 3])
@pytest.mark.parametrize(("raw", "label", "finish"), READ)
async def test_an_answer_is_read_whatever_strays_into_it(
    made: Made, raw: str, label: str, finish: FinishReason, split_bytes: int
) -> None:
    answer = Answer(raw=raw.encode(), content_type=label, split_bytes=split_bytes)
    chunks = await _chunks(made, answer)
    assert "".join(chunk.text for chunk in chunks) == "return a + b"
    assert chunks[-1].finish is finish


@pytest.mark.parametrize(
    "raw",
    [
        'data: {"type":"ping"}\n\ndata: [DONE]\n\n',
        "data: [DONE]\n\n",
        ": still there\n\n",
        "null",
        '{"choices":[]}',
        "[]",
        '{"choices":[{"text":"return',
        "<html>Sign in</html>",
        A + "data: {broken\n\n" + B,
        A + event(7) + B,  # type: ignore[arg-type]
    ],
)
async def test_what_is_no_answer_is_refused_with_a_word(made: Made, raw: str) -> None:
    with pytest.raises(errors.InvalidResponse, match=r"\w"):
        await _chunks(made, Answer(raw=raw.encode()))


async def test_that_an_endpoint_does_not_stream_is_told_once(
    made: Made, notices: list[Notice]
) -> None:
    whole = Answer(body=WHOLE)
    async with FakeOpenAi([whole, whole], suffix="read") as fake:
        provider = made("deepseek", fake, model="deepseek-chat")
        for _ in range(2):
            await collect(provider.fim(REQUEST))
    assert [notice.topic for notice in notices] == ["not streamed"]
    assert "streaming" in notices[0].message


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "deflate", "x-odd"])
async def test_a_compressed_answer_is_refused_with_the_remedy(made: Made, coding: str) -> None:
    answer = Answer(raw=b"\x1f\x8b\x00", headers={"content-encoding": coding})
    with pytest.raises(errors.InvalidResponse, match="turn compression off"):
        await _chunks(made, answer)


async def _chunks(made: Made, answer: Answer) -> list[Chunk]:
    async with FakeOpenAi([answer], suffix="read") as fake:
        return await collect(made("deepseek", fake, model="deepseek-chat").fim(REQUEST))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("stop STOP eos eos_token stop_sequence end_turn stop_token word something_new", STOP),
        ("length model_length max_tokens MAX_TOKENS max_length limit", LENGTH),
        ("tool_calls tool_use function_call", FinishReason.TOOL_CALLS),
        ("content_filter SAFETY cancelled none load", INCOMPLETE),
    ],
)
def test_every_word_for_an_end_is_known(words: str, reason: FinishReason) -> None:
    assert {finish_reason(word) for word in words.split()} == {reason}


def token(text: str, logprob: float) -> dict[str, object]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), "top_logprobs": []}


RETURN_A = [token("return", -0.5), token(" a", -2)]
OLDER = {"tokens": ["return", " a"], "token_logprobs": [-0.5, -2], "top_logprobs": None}


@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        (RETURN_A, (("return", -0.5), (" a", -2))),
        ({"content": RETURN_A}, (("return", -0.5), (" a", -2))),
        (OLDER, (("return", -0.5), (" a", -2))),
        (None, ()),
        ({}, ()),
        ("-0.5", ()),
        ({"content": None, "refusal": None}, ()),
        ([{"content": "return", "probs": [{"prob": 0.5, "tok_str": "return"}]}], ()),
        ([token("return", -0.5), None], ()),
        ([{"token": 7, "logprob": -0.5}], ()),
        ([{"token": "a", "logprob": None}], ()),
        ({**OLDER, "token_logprobs": [None, -2]}, ()),
        ({**OLDER, "tokens": ["return"]}, ()),
    ],
)
def test_probabilities_have_many_forms(given: object, tokens: Tokens) -> None:
    assert tokens_of(given) == tokens


@pytest.mark.parametrize(
    ("text", "given", "pieces"),
    [
        ("return a", OLDER, [("return", -0.5), (" a", -2)]),
        # A special token has a text that is not part of the answer.
        ("return a", {**OLDER, "tokens": ["return", " a<eos>"]}, [("return a", -2)]),
        # The end has a probability as well, which says nothing of the text.
        ("", {"tokens": ["<eos>"], "token_logprobs": [-3]}, []),
        ("return a", None, [("return a", None)]),
    ],
)
async def test_a_probability_comes_with_its_token(
    made: Made, text: str, given: object, pieces: list[tuple[str, float | None]]
) -> None:
    choice = {"text": text, "logprobs": given, "finish_reason": None}
    raw = f"data: {json.dumps({'choices': [choice]})}\n\n{END}"
    chunks = await _chunks(made, Answer(raw=raw.encode()))
    assert [(chunk.text, chunk.logprob) for chunk in chunks[:-1]] == pieces
