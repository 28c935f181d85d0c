"""What the provider sends and understands, on which model, and what it tries when refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ChatRequest, FimRequest, FinishReason, Notice
from devstral_lsp.providers.metering import Price, Usage
from tests.providers.conftest import Connect
from tests.support.answers import (
    Answer,
    envelope,
    failure,
    model_card,
    no_fim,
    unknown_model,
)
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.streams import collect, text_of

REQUEST = FimRequest(prompt="def add(a, b):\n    ", suffix="\n", max_tokens=64)
QUESTION = ChatRequest(messages=[{"role": "user", "content": "Add."}], max_tokens=64)
INVALID = "invalid_request_invalid_args"


async def test_a_gap_is_filled(connect: Connect) -> None:
    async with FakeMistral() as fake:
        *pieces, last = await collect(connect(fake).fim(REQUEST))
    assert [piece.text for piece in pieces] == ["return a", " + b"]
    assert last.finish is FinishReason.STOP
    assert last.usage == Usage(prompt_tokens=21, completion_tokens=5)


async def test_a_question_is_answered(connect: Connect) -> None:
    async with FakeMistral() as fake:
        assert await text_of(connect(fake).chat(QUESTION)) == "return a + b"
    assert fake.received[0].path == "/v1/chat/completions"


async def test_every_setting_of_a_gap_is_accepted(connect: Connect) -> None:
    request = FimRequest(
        prompt="a\ud800",
        suffix="b",
        max_tokens=64,
        min_tokens=1,
        stop=("", "a", "b", "a", "c", "d", "e"),
        temperature=1.4,
        top_p=2,
        random_seed=7,
        cache_key="k",
        language="python",
    )
    async with FakeMistral() as fake:
        await collect(connect(fake).fim(request))
    assert fake.received[0].body == {
        "model": "codestral-latest",
        "prompt": "a\ufffd",
        "suffix": "b",
        "min_tokens": 1,
        "max_tokens": 64,
        "stop": ["a", "b", "c", "d"],
        "temperature": 1.0,
        "top_p": 1.0,
        "random_seed": 7,
        "prompt_cache_key": "k",
        "stream": True,
    }


async def test_what_is_not_set_is_not_sent(connect: Connect) -> None:
    async with FakeMistral() as fake:
        await collect(connect(fake).fim(FimRequest(prompt="", max_tokens=9, top_p=0)))
    expected = {"model": "codestral-latest", "prompt": "\n", "max_tokens": 9, "stream": True}
    assert fake.received[0].body == expected


async def test_every_setting_of_a_question_is_accepted(connect: Connect) -> None:
    tool = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
    schema = {"name": "edit", "schema": {"type": "object"}}
    request = ChatRequest(
        messages=[{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
        max_tokens=64,
        stop=("x",),
        temperature=-1,
        top_p=0.9,
        random_seed=7,
        response_format={"type": "json_schema", "json_schema": schema},
        tools=[tool],
        tool_choice="any",
        prediction="x = 1",
        cache_key="k",
    )
    async with FakeMistral() as fake:
        await collect(connect(fake).chat(request))
    body = fake.received[0].body
    assert body["prediction"] == {"type": "content", "content": "x = 1"}
    assert body["tools"] == [tool]
    assert body["temperature"] == 0.0


async def test_tool_calls_come_with_the_finish(connect: Connect) -> None:
    function = {"name": "read", "arguments": '{"path": "a.py"}'}
    call = {"id": "D4f7Hk2Lm", "type": "function", "function": function, "index": 0}
    answer = Answer(text=(), tool_calls=[call], finish_reason="tool_calls")
    async with FakeMistral([answer]) as fake:
        (last,) = await collect(connect(fake).chat(QUESTION))
    assert last.finish is FinishReason.TOOL_CALLS
    assert last.tool_calls == ({"id": "D4f7Hk2Lm", "type": "function", "function": function},)


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (Answer(finish_reason="length"), FinishReason.LENGTH),
        (Answer(finish_reason="model_length"), FinishReason.LENGTH),
        (Answer(finish_reason="content_filter"), FinishReason.INCOMPLETE),
        (Answer(finish_reason=None), FinishReason.STOP),
        (Answer(finish_reason=None, done=False), FinishReason.INCOMPLETE),
        (Answer(done=False), FinishReason.STOP),
        (Answer(raw=b""), FinishReason.INCOMPLETE),
    ],
)
async def test_the_end_is_told_as_it_was(
    connect: Connect, answer: Answer, finish: FinishReason
) -> None:
    async with FakeMistral([answer]) as fake:
        chunks = await collect(connect(fake).fim(REQUEST))
    assert [chunk.finish for chunk in chunks if chunk.finish] == [finish]
    assert chunks[-1].finish is finish


# The choice of a model


async def test_an_automatic_model_does_not_wait_for_the_list(connect: Connect) -> None:
    async with FakeMistral() as fake:
        await collect(connect(fake, model="").fim(REQUEST))
    assert [request.path for request in fake.received] == ["/v1/fim/completions"]
    assert fake.received[0].body["model"] == "codestral-latest"


async def test_an_automatic_model_is_one_that_is_offered(connect: Connect) -> None:
    offered = {"mistral-large-latest": False, "codestral-3": True, "codestral-2": True}
    async with FakeMistral(models=offered) as fake:
        provider = connect(fake, model="")
        await provider.warm()
        await collect(provider.fim(REQUEST))
    assert [request.body["model"] for request in fake.completions] == ["codestral-3"]


async def test_an_unknown_automatic_model_is_replaced_once(connect: Connect) -> None:
    async with FakeMistral(models={"codestral-3": True}) as fake:
        provider = connect(fake, model="")
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
    asked = [request.body["model"] for request in fake.completions]
    assert asked == ["codestral-latest", "codestral-3", "codestral-3"]


async def test_an_unknown_automatic_model_is_replaced_for_chat_too(connect: Connect) -> None:
    async with FakeMistral(models={"codestral-3": True}) as fake:
        assert await text_of(connect(fake, model="").chat(QUESTION)) == "return a + b"


async def test_the_list_is_asked_for_once(connect: Connect) -> None:
    async with FakeMistral() as fake:
        provider = connect(fake, model="")
        await provider.warm()
        await provider.warm()
    assert [request.path for request in fake.received] == ["/v1/models"]


@pytest.mark.parametrize(
    "models",
    [
        failure(404, {"detail": "Not Found"}),
        failure(500, {}),
        Answer(headless=True, end="cut"),
        Answer(raw=b"<html>", content_type="text/html"),
        Answer(raw=b'{"data": [{"id": 1}, 2, {}]}', content_type="application/json"),
        Answer(raw=b'"models"', content_type="application/json"),
    ],
)
async def test_a_list_that_cannot_be_had_changes_nothing(connect: Connect, models: Answer) -> None:
    async with FakeMistral(models=models) as fake:
        provider = connect(fake, model="")
        await provider.warm()
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
    assert fake.completions[0].body["model"] == "codestral-latest"


@pytest.mark.parametrize("answer", [unknown_model("codestral-latest"), no_fim()])
async def test_without_another_model_the_refusal_is_told(connect: Connect, answer: Answer) -> None:
    async with FakeMistral([answer], models=failure(404, {})) as fake:
        with pytest.raises((errors.ModelNotFound, errors.FimNotSupported)):
            await collect(connect(fake, model="").fim(REQUEST))
    assert len(fake.completions) == 1


async def test_a_model_of_the_users_choice_is_never_replaced(connect: Connect) -> None:
    async with FakeMistral() as fake:
        with pytest.raises(errors.ModelNotFound, match="codestral-2501"):
            await collect(connect(fake, model="codestral-2501").fim(REQUEST))
    assert [request.path for request in fake.received] == ["/v1/fim/completions"]


@pytest.mark.parametrize("models", [{"mistral-small-latest": False}, failure(404, {})])
async def test_an_unknown_model_for_chat_is_told(connect: Connect, models: object) -> None:
    def refuse(request: Received) -> Answer:
        return unknown_model(request.body["model"])

    async with FakeMistral(refuse, models=models) as fake:  # type: ignore[arg-type]
        for model in ("", "mistral-small-latest"):
            with pytest.raises(errors.ModelNotFound):
                await collect(connect(fake, model=model).chat(QUESTION))


async def test_usage_after_the_finish_is_read(connect: Connect) -> None:
    late = Answer(
        raw=b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'
        b'data: {"choices":[],"usage":{"prompt_tokens":3}}\n\ndata: [DONE]\n\n'
    )
    async with FakeMistral([late]) as fake:
        *_, last = await collect(connect(fake).fim(REQUEST))
    assert last.usage == Usage(prompt_tokens=3)


async def test_a_foreign_list_does_not_hide_the_users_model(connect: Connect) -> None:
    """Only a card that says so, or a name that tells it, keeps a model from being asked."""
    async with FakeMistral(lambda _: Answer(), models=failure(404, {})) as fake:
        await collect(connect(fake, model="my-fine-tuned").fim(REQUEST))
    assert fake.received[0].body["model"] == "my-fine-tuned"


# Models without FIM


async def test_a_devstral_fills_gaps_by_chat_and_says_so_once(
    connect: Connect, notices: list[Notice]
) -> None:
    async with FakeMistral() as fake:
        provider = connect(fake, model="devstral-2512")
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
    assert [request.path for request in fake.received] == ["/v1/chat/completions"] * 2
    assert [notice.topic for notice in notices] == ["no-fim"]
    for word in ("devstral-2512", "chat", "slower", "dearer", "codestral-latest"):
        assert word in notices[0].message


async def test_a_model_that_turns_out_to_lack_fim_goes_to_chat_for_good(
    connect: Connect, notices: list[Notice]
) -> None:
    async with FakeMistral() as fake:
        provider = connect(fake, model="mistral-small-latest")
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
    paths = [request.path for request in fake.received]
    assert paths == ["/v1/fim/completions", "/v1/chat/completions", "/v1/chat/completions"]
    assert [notice.topic for notice in notices] == ["no-fim"]


async def test_a_model_known_to_lack_fim_is_not_asked_for_it(connect: Connect) -> None:
    async with FakeMistral() as fake:
        provider = connect(fake, model="mistral-small-latest")
        await provider.warm()
        await collect(provider.fim(REQUEST))
    assert [request.path for request in fake.completions] == ["/v1/chat/completions"]


async def test_a_devstral_that_is_offered_with_fim_is_believed(
    connect: Connect, notices: list[Notice]
) -> None:
    async with FakeMistral(models={"devstral-9": True}) as fake:
        provider = connect(fake, model="devstral-9")
        await provider.warm()
        await collect(provider.fim(REQUEST))
    assert [request.path for request in fake.completions] == ["/v1/fim/completions"]
    assert notices == []


async def test_the_other_endpoints_errors_pass_through_chat(connect: Connect) -> None:
    async with FakeMistral([failure(429, {}, retry_after="3")]) as fake:
        with pytest.raises(errors.RateLimited):
            await collect(connect(fake, model="devstral-2512").fim(REQUEST))


# Refusals that can be mended


PREDICTING = ChatRequest(messages=QUESTION.messages, max_tokens=64, prediction="x = 1")


@pytest.mark.parametrize(
    "refusal",
    [
        failure(400, envelope("prediction is not enabled for this model", INVALID, "3051")),
        failure(422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "prediction"]}]}),
    ],
)
async def test_a_refused_prediction_is_dropped_for_good(connect: Connect, refusal: Answer) -> None:
    def refuse(request: Received) -> Answer:
        return refusal if "prediction" in request.body else Answer()

    async with FakeMistral(refuse) as fake:
        provider = connect(fake)
        for _ in range(2):
            assert await text_of(provider.chat(PREDICTING)) == "return a + b"
    assert ["prediction" in request.body for request in fake.received] == [True, False, False]


async def test_members_that_only_save_time_are_dropped_one_after_another(
    connect: Connect,
) -> None:
    def refuse(request: Received) -> Answer:
        for name in ("prediction", "prompt_cache_key"):
            if name in request.body:
                detail = [{"type": "extra_forbidden", "loc": ["body", name]}]
                return failure(422, {"detail": detail})
        return Answer()

    async with FakeMistral(refuse) as fake:
        provider = connect(fake)
        for _ in range(2):
            request = replace(PREDICTING, cache_key="k")
            assert await text_of(provider.chat(request)) == "return a + b"
    sent = [{"prediction", "prompt_cache_key"} & set(each.body) for each in fake.received]
    assert sent == [{"prediction", "prompt_cache_key"}, {"prompt_cache_key"}, set(), set()]


@pytest.mark.parametrize(
    "message",
    ["response_format is not supported", "json_schema is not supported by this model"],
)
async def test_a_refused_form_of_the_answer_is_told_by_its_name(
    connect: Connect, message: str
) -> None:
    """Only who asked knows how to ask for the answer in another form."""
    schema = {"type": "json_schema", "json_schema": {"name": "edit", "schema": {"type": "object"}}}
    async with FakeMistral([failure(400, envelope(message, INVALID, "3051"))]) as fake:
        with pytest.raises(errors.InvalidRequest) as raised:
            await collect(connect(fake).chat(replace(PREDICTING, response_format=schema)))
    assert {"response_format", "json_schema"} & set(raised.value.fields)


async def test_a_refusal_of_what_was_not_sent_is_told(connect: Connect) -> None:
    refusal = failure(400, envelope("prediction is not supported", INVALID, "3051"))
    async with FakeMistral(lambda _: refusal) as fake:
        with pytest.raises(errors.InvalidRequest):
            await collect(connect(fake).chat(QUESTION))
    assert len(fake.received) == 1


@pytest.mark.parametrize(
    ("model", "sees"), [("painter", True), ("codestral-latest", False), ("unheard-of", False)]
)
async def test_whether_a_model_sees_is_read_from_its_card(
    connect: Connect, model: str, sees: bool
) -> None:
    cards = [
        model_card("painter", fim=False, vision=True),
        model_card("codestral-latest", fim=True),
    ]
    async with FakeMistral(models=Answer(body={"data": cards})) as fake:
        assert await connect(fake, model=model).supports_images() is sees


async def test_without_a_list_no_model_sees(connect: Connect) -> None:
    async with FakeMistral(models=failure(404, {})) as fake:
        assert await connect(fake, model="painter").supports_images() is False


async def test_another_refusal_is_not_blamed_on_the_prediction(connect: Connect) -> None:
    refusal = failure(422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "tools"]}]})
    async with FakeMistral([refusal]) as fake:
        with pytest.raises(errors.InvalidRequest) as raised:
            await collect(connect(fake).chat(PREDICTING))
    assert raised.value.fields == ("tools",)
    assert len(fake.received) == 1


# Notices


@pytest.mark.parametrize(
    ("stamp", "words"),
    [
        ("2026-12-31T00:00:00Z", "2026-12-31"),
        ("<b>now</b>", "soon"),
    ],
)
async def test_a_deprecation_is_told_once(
    connect: Connect, notices: list[Notice], stamp: str, words: str
) -> None:
    headers = {"x-model-deprecation-timestamp": stamp}
    async with FakeMistral(lambda _: Answer(headers=headers)) as fake:
        provider = connect(fake)
        for _ in range(2):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
    assert [notice.topic for notice in notices] == ["deprecation"]
    assert words in notices[0].message
    assert "<b>" not in notices[0].message


async def test_a_model_whose_card_says_that_it_goes_is_told_at_once(
    connect: Connect, notices: list[Notice]
) -> None:
    card = {**model_card("codestral-2501", fim=True), "deprecation": "2026-12-31T00:00:00Z"}
    listed = Answer(body={"object": "list", "data": [card]})
    async with FakeMistral(lambda _: Answer(), models=listed) as fake:
        provider = connect(fake, model="codestral-2501")
        await provider.warm()
        assert await text_of(provider.fim(REQUEST)) == "return a + b"
    (notice,) = notices
    for word in ("codestral-2501", "2026-12-31", "use codestral-latest"):
        assert word in notice.message


async def test_a_small_context_window_on_the_card_limits_the_prompt(connect: Connect) -> None:
    card = {**model_card("codestral-2501", fim=True), "max_context_length": 2000}
    listed = Answer(body={"object": "list", "data": [card]})
    async with FakeMistral(lambda _: Answer(), models=listed) as fake:
        provider = connect(fake, model="codestral-2501")
        usual = provider.limits.prompt_tokens
        await provider.warm()
    assert provider.limits.prompt_tokens < 2000 < usual


async def test_what_is_known_of_the_model_comes_from_its_card_and_the_table(
    connect: Connect,
) -> None:
    async with FakeMistral() as fake:
        facts = await connect(fake).model_info(for_fim=True)
    assert facts.context_tokens == 256000
    assert facts.price == Price(0.3, 0.9, 0.03)


async def test_warming_never_fails(connect: Connect) -> None:
    await connect("http://127.0.0.1:1").warm()
    await connect("nonsense").warm()
