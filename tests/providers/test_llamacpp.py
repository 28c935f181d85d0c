"""llama.cpp: /infill, and what is done where its model has no FIM tokens."""

from __future__ import annotations

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ChatRequest, FimRequest, FinishReason, Notice
from devstral_lsp.providers.llamacpp import PROPS_TIMEOUT_S, LlamaCppDecoder
from tests.providers.conftest import Jump, Made
from tests.support.answers import Answer
from tests.support.fake_llamacpp import FakeLlamaCpp, infill_unsupported
from tests.support.fake_server import Received
from tests.support.streams import collect, text_of
from tests.support.verdicts import Verdicts

REQUEST = FimRequest(
    prompt="def add(a, b):\n    ",
    suffix="\n",
    max_tokens=64,
    stop=("1", "2", "3", "4", "5"),
    temperature=0.0,
    random_seed=7,
    cache_key="k",
    language="python",
)


HEAD = "+++++ a.py\nA = 1\n\n+++++ b.py\n"
TOLD = FimRequest(prompt=HEAD + "B = ", context_length=len(HEAD), max_tokens=9)


async def test_a_gap_goes_to_infill_as_it_is(made: Made) -> None:
    verdicts = Verdicts()
    async with FakeLlamaCpp([Answer(text=("x",))]) as fake:
        provider = made("llamacpp", fake, strategy_cache=verdicts)
        assert await text_of(provider.fim(REQUEST)) == "x"
    (request,) = fake.scripted
    assert request.path == "/infill"
    assert request.body == {
        "input_prefix": "def add(a, b):\n    ",
        "input_suffix": "\n",
        "input_extra": [],
        "prompt": "",
        "n_predict": 64,
        "stop": ["1", "2", "3", "4", "5"],
        "temperature": 0.0,
        "seed": 7,
        "cache_prompt": True,
        "n_probs": 1,
        "stream": True,
    }
    assert verdicts.paths == ["infill"]


async def test_other_files_go_apart(made: Made) -> None:
    async with FakeLlamaCpp(window=4096) as fake:
        await collect(made("llamacpp", fake).fim(TOLD))
    body = fake.scripted[0].body
    assert body["input_extra"] == [{"filename": "a.py", "text": "A = 1\n"}]
    assert body["input_prefix"] == "B = "


BATCH_TOKENS = 2048
NEEDED_TOKENS = BATCH_TOKENS + 2 * TOLD.max_tokens + -(-len(HEAD) // 2)
"""A batch, twice the answer, and a token for each two characters of the other files."""


@pytest.mark.parametrize(
    ("window", "is_apart"),
    [(NEEDED_TOKENS, True), (NEEDED_TOKENS - 1, False), (BATCH_TOKENS, False), (0, True)],
)
async def test_where_there_is_no_room_for_them_apart_they_stay_in_the_prompt(
    made: Made, window: int, is_apart: bool
) -> None:
    async with FakeLlamaCpp(window=window) as fake:
        await collect(made("llamacpp", fake).fim(TOLD))
    body = fake.scripted[0].body
    assert bool(body["input_extra"]) == is_apart
    assert body["input_prefix"] == ("B = " if is_apart else TOLD.prompt)


async def test_without_fim_tokens_the_template_takes_over_for_good(
    made: Made, notices: list[Notice]
) -> None:
    verdicts = Verdicts()
    async with FakeLlamaCpp(has_fim=False) as fake:
        provider = made("llamacpp", fake, strategy_cache=verdicts)
        for _ in range(2):
            await collect(provider.fim(REQUEST))
        again = made("llamacpp", fake, strategy_cache=verdicts)
        await collect(again.fim(REQUEST))
    assert [request.path for request in fake.received if request.path == "/infill"] == ["/infill"]
    assert [request.path for request in fake.scripted] == ["/completion"] * 3
    assert fake.scripted[0].body["prompt"] == "[SUFFIX]\n[PREFIX]def add(a, b):\n    "
    assert fake.scripted[0].body["stop"] == ["1", "2", "3", "4", "5", "[PREFIX]", "[SUFFIX]"]
    assert verdicts.paths == ["template"]
    assert notices == []


@pytest.mark.parametrize(
    ("file", "knows_tokens"),
    [("/models/mistral-7b.gguf", True), (r"C:\models\codestral-22b-v0.1.gguf", False)],
)
async def test_without_family_or_tokens_a_conversation_remains(
    made: Made, notices: list[Notice], file: str, knows_tokens: bool
) -> None:
    async with FakeLlamaCpp(
        [Answer(text=("<gap>    x",))], has_fim=False, file=file, knows_tokens=knows_tokens
    ) as fake:
        provider = made("llamacpp", fake)
        assert await text_of(provider.fim(REQUEST)) == "x"
    (request,) = fake.scripted
    assert request.path == "/v1/chat/completions"
    # The server goes on with a last message of the assistant's, and does not repeat it.
    assert request.body["messages"][-1] == {"role": "assistant", "content": "<gap>    "}
    assert [notice.topic for notice in notices] == ["no-fim"]


async def test_a_continued_message_need_not_be_repeated(made: Made) -> None:
    async with FakeLlamaCpp([Answer(text=("x", " + y"))], has_fim=False, file="/m.gguf") as fake:
        assert await text_of(made("llamacpp", fake).fim(REQUEST)) == "x + y"


@pytest.mark.parametrize(("waited_s", "is_overdue"), [(9.4, False), (9.6, True)])
async def test_what_the_look_at_the_server_takes_is_taken_from_the_wait_for_the_answer(
    made: Made, jump: Jump, waited_s: float, is_overdue: bool
) -> None:
    fake = FakeLlamaCpp([Answer(text=("x",))])
    answered = fake.respond

    def slowly(request: Received) -> Answer:
        jump(0.5 if request.path == "/props" else waited_s)
        return answered(request)

    fake.respond = slowly  # type: ignore[method-assign]
    async with fake:
        asked = made("llamacpp", fake, timeout_ms=10_000).fim(REQUEST)
        if is_overdue:
            with pytest.raises(errors.EndpointUnreachable, match="said nothing for 10 s"):
                await collect(asked)
        else:
            assert await text_of(asked) == "x"
    assert [each.path for each in fake.received] == ["/props", "/infill"]


async def test_a_server_that_does_not_say_what_it_is_is_asked_all_the_same(
    made: Made, jump: Jump
) -> None:
    fake = FakeLlamaCpp([Answer(text=("x",))])
    answered = fake.respond

    def mute(request: Received) -> Answer:
        if request.path != "/props":
            return answered(request)
        jump(PROPS_TIMEOUT_S)
        return Answer(headless=True, end="hang")

    fake.respond = mute  # type: ignore[method-assign]
    async with fake:
        assert await text_of(made("llamacpp", fake).fim(REQUEST)) == "x"
    assert [each.path for each in fake.received] == ["/props", "/infill"]


async def test_the_model_that_was_changed_under_us_is_asked_in_its_own_way(made: Made) -> None:
    async with FakeLlamaCpp() as fake:
        provider = made("llamacpp", fake)
        await collect(provider.fim(REQUEST))
        fake.has_fim = False
        await collect(provider.fim(REQUEST))
    assert [request.path for request in fake.scripted] == ["/infill", "/completion"]


async def test_the_window_bounds_the_prompt(made: Made) -> None:
    async with FakeLlamaCpp() as fake:
        provider = made("llamacpp", fake)
        await provider.warm()
        assert provider.limits.prompt_tokens == 1024
        assert (await provider.model_info(for_fim=True)).context_tokens == 2048


async def test_a_window_of_nothing_is_none_that_is_known(made: Made) -> None:
    async with FakeLlamaCpp(window=0) as fake:
        provider = made("llamacpp", fake)
        await provider.warm()
        assert (await provider.model_info(for_fim=True)).context_tokens is None


async def test_the_users_window_goes_before_that_of_the_server(made: Made) -> None:
    async with FakeLlamaCpp() as fake:
        provider = made("llamacpp", fake, context_tokens=1500)
        await provider.warm()
        assert provider.limits.prompt_tokens == 750
        facts = await provider.model_info(for_fim=True)
    assert (facts.context_tokens, facts.source) == (1500, "your settings")


async def test_an_unknown_501_is_told_where_nothing_else_works(made: Made) -> None:
    async with FakeLlamaCpp(lambda _: infill_unsupported()) as fake:
        with pytest.raises(errors.FimNotSupported, match="cannot fill in the middle"):
            await collect(made("llamacpp", fake, model="m").fim(REQUEST))


async def test_conversations_take_openais_wire(made: Made) -> None:
    question = ChatRequest(messages=[{"role": "user", "content": "?"}], max_tokens=9)
    async with FakeLlamaCpp([Answer(text=("x",))]) as fake:
        assert await text_of(made("llamacpp", fake).chat(question)) == "x"
    assert fake.scripted[0].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("stop_type", "finish"),
    [
        ("eos", FinishReason.STOP),
        ("word", FinishReason.STOP),
        ("limit", FinishReason.LENGTH),
        ("none", FinishReason.INCOMPLETE),
        (None, FinishReason.INCOMPLETE),
        ("something_new", FinishReason.STOP),
    ],
)
def test_why_it_stopped(stop_type: str | None, finish: FinishReason) -> None:
    reply = LlamaCppDecoder()
    reply.read({"content": "", "stop": True, "stop_type": stop_type, "timings": {"cache_n": 8}})
    assert reply.finish is finish
    assert reply.last().usage is not None
    assert reply.last().usage.cached_tokens == 8


@pytest.mark.parametrize("event", [{}, {"choices": []}, {"object": "x"}])
def test_what_is_no_part_of_a_completion_is_passed_over(event: dict[str, object]) -> None:
    assert LlamaCppDecoder().read(event) is None


@pytest.mark.parametrize("text", [7, [], {"a": 1}, True])
def test_a_piece_that_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(errors.InvalidResponse):
        LlamaCppDecoder().read({"content": text, "stop": False})


@pytest.mark.parametrize("sees", [True, False])
async def test_whether_images_are_seen_is_asked_of_the_server(made: Made, sees: bool) -> None:
    async with FakeLlamaCpp(has_vision=sees) as fake:
        assert await made("llamacpp", fake).supports_images() is sees
