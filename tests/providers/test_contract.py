"""What every provider must do alike, on a real socket: whatever its wire, whatever goes wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Chunk, FinishReason, Notice
from devstral_lsp.providers.metering import Usage
from tests.providers.conftest import Jump
from tests.support.answers import Answer, envelope, failure, page
from tests.support.fake_server import FakeServer
from tests.support.streams import collect, text_of
from tests.support.subjects import KEY, SUBJECTS, Subject, transcript

PATIENCE_S = 5
CLOSED_S = 0.05
TRIES = 5
TRICKY = ("naïve 😀", " \u2028 ", "\u2029\x0b\x85", "é")

Ask = Callable[..., Any]


@pytest.fixture(params=SUBJECTS, ids=str)
def subject(request: pytest.FixtureRequest) -> Subject:
    found = request.param
    assert isinstance(found, Subject)
    return found


@pytest.fixture
async def serve(subject: Subject) -> AsyncIterator[Callable[..., Any]]:
    """Starts the subject's fake with a script, and gives it with a provider that talks to it."""
    async with AsyncExitStack() as stack:

        async def start(*script: Answer, **changes: Any) -> tuple[FakeServer, Any]:
            fake = await stack.enter_async_context(subject.fake(list(script), key=KEY))
            provider = subject.provider(subject.endpoint(fake.url, **changes))
            stack.push_async_callback(provider.close)
            return fake, provider

        yield start


def test_every_provider_brings_its_transcripts() -> None:
    remote = set(PROVIDERS) - {"local"}
    assert {each.name for each in SUBJECTS if not each.chats} == remote
    assert {each.name for each in SUBJECTS if each.chats} == {
        name for name in remote if PROVIDERS[name].build_chat
    }
    assert all(each.transcripts for each in SUBJECTS)


async def test_text_comes_with_its_end_and_its_usage(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve(subject.answer("return a", " + b"))
    chunks = await collect(subject.ask(provider))
    assert "".join(chunk.text for chunk in chunks) == "return a + b"
    assert [chunk.finish for chunk in chunks if chunk.finish] == [FinishReason.STOP]
    assert chunks[-1].finish is FinishReason.STOP
    assert chunks[-1].usage == Usage(prompt_tokens=21, completion_tokens=5)
    assert len(fake.scripted) == 1


async def test_an_answer_cut_by_its_length_says_so(subject: Subject, serve: Ask) -> None:
    _, provider = await serve(Answer(text=("return a",), finish_reason="length"))
    assert (await collect(subject.ask(provider)))[-1].finish is FinishReason.LENGTH


async def test_text_survives_any_cut_of_its_bytes(subject: Subject, serve: Ask) -> None:
    _, provider = await serve(subject.answer(*TRICKY, split_bytes=1))
    assert await text_of(subject.ask(provider)) == "".join(TRICKY)


async def test_comments_and_line_ends_change_nothing(subject: Subject, serve: Ask) -> None:
    comment = "" if subject.lines else "OPENROUTER PROCESSING"
    for line_end in ("\r\n", "\n") if subject.lines else ("\r\n", "\r", "\n"):
        answer = subject.answer("return a", " + b", line_end=line_end, comment=comment)
        _, provider = await serve(answer)
        assert await text_of(subject.ask(provider)) == "return a + b"


async def test_no_mark_at_the_end_is_needed(subject: Subject, serve: Ask) -> None:
    if not subject.marked:
        return  # its streams have none
    _, provider = await serve(subject.answer("return a", done=False))
    assert (await collect(subject.ask(provider)))[-1].finish is FinishReason.STOP


async def test_an_end_without_a_reason_is_a_cut(subject: Subject, serve: Ask) -> None:
    _, provider = await serve(Answer(text=("return a",), finish_reason=None, done=False))
    chunks = await collect(subject.ask(provider))
    assert "".join(chunk.text for chunk in chunks) == "return a"
    assert chunks[-1].finish is FinishReason.INCOMPLETE


MID_ERRORS: tuple[Any, ...] = (
    {"error": {"message": "Provider disconnected", "code": "server_error"}},
    {"error": {"message": "gone", "type": "InternalServerError", "code": 500}},
    {"error": "an error was encountered while running the model"},
    {"error": "Request failed during generation", "error_type": "generation"},
    {"error": {"code": 429, "message": "slow down"}, "choices": [{"finish_reason": "error"}]},
)


async def test_an_error_in_the_middle_is_raised(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve()
    for count, failing in enumerate(MID_ERRORS, 1):
        fake.answer_always(Answer(text=("return a",), failing=failing))
        given: list[str] = []
        with pytest.raises(errors.ProviderError):
            await _read_into(given, subject.ask(provider))
        # A conversation's answer is held back until it shows whether it begins with a tag.
        assert given == ([] if subject.tagged else ["return a"]), failing
        # Nothing is asked again once text has been given.
        assert len(fake.scripted) == count, failing


async def _read_into(given: list[str], chunks: AsyncGenerator[Chunk, None]) -> None:
    async with aclosing(chunks):
        async for chunk in chunks:
            given.append(chunk.text)


EXTRA = {"type": "extra_forbidden", "loc": ["body", "user"], "msg": "secret_sauce"}
REFUSALS: tuple[tuple[Answer, type[errors.ProviderError]], ...] = (
    (failure(401, {"detail": "Unauthorized"}), errors.Unauthorized),
    (failure(401, {"message": "Unauthorized", "request_id": "0" * 32}), errors.Unauthorized),
    (failure(401, {"error": "Unauthorized"}), errors.Unauthorized),
    (failure(401, {"error": {"message": "No auth credentials found", "code": 401}}),
     errors.Unauthorized),
    (failure(402, {"error": {"code": 402, "message": "Insufficient credits", "metadata": {}}}),
     errors.QuotaExhausted),
    (failure(402, b"".decode()), errors.QuotaExhausted),
    (failure(403, envelope("Not available in your subscription", "?", None, 403)),
     errors.Unauthorized),
    (failure(403, {"error": {"code": 403, "message": "flagged", "metadata": {}}}),
     errors.ContentRefused),
    (failure(404, {"detail": "Not Found"}), errors.EndpointUnreachable),
    (failure(404, {"error": {"message": "The model `x` does not exist.", "code": 404}}),
     errors.ModelNotFound),
    (failure(404, {"error": 'model "x" not found, try pulling it first'}), errors.ModelNotFound),
    (failure(400, {"error": {"message": "x is not a valid model ID", "code": 400}}),
     errors.ModelNotFound),
    (failure(400, {"error": {"message": "400: {'error': 'Invalid model name passed in model=x.'}",
                             "type": "None", "param": "None", "code": "400"}}),
     errors.ModelNotFound),
    (failure(400, {"error": {"message": "This model's maximum context length is 2048 tokens"}}),
     errors.ContextLengthExceeded),
    (failure(400, {"error": {"code": 400, "type": "exceed_context_size_error",
                             "message": "request exceeds the available context size"}}),
     errors.ContextLengthExceeded),
    (failure(422, {"detail": [EXTRA]}), errors.InvalidRequest),
    (failure(422, envelope({"detail": [EXTRA]}, "invalid_request_error", None, 422)),  # type: ignore[arg-type]
     errors.InvalidRequest),
    (failure(422, {"object": "Error", "detail": [EXTRA], "message": [EXTRA],
                   "type": "invalid_request_error", "code": 3001}), errors.InvalidRequest),
    (failure(422, {"error": "Input validation error: secret_sauce", "error_type": "validation"}),
     errors.InvalidRequest),
    (failure(422, {"detail": "secret_sauce"}), errors.InvalidRequest),
    (failure(429, envelope("Rate limit exceeded", "rate_limited", "1300", 429)),
     errors.RateLimited),
    (failure(429, {"message": "Requests rate limit exceeded"}, retry_after="7"),
     errors.RateLimited),
    (failure(429, {"error": {"code": 429, "message": "Rate limit exceeded"}}),
     errors.RateLimited),
    (failure(429, {}, x_ratelimit_limit_req_minute="0"), errors.QuotaExhausted),
    (failure(429, {}, x_ratelimit_remaining_tokens_month="0"), errors.RateLimited),
    (failure(429, {"error": {"message": "litellm.RateLimitError: MistralException", "code": "429",
                             "type": "throttling_error", "param": None}}), errors.RateLimited),
    (page(429), errors.RateLimited),
    (failure(429, envelope("Busy", "service_tier_capacity_exceeded", "3505", 429)),
     errors.ServerOverloaded),
    (failure(429, {"error": "Model is overloaded", "error_type": "overloaded"}),
     errors.ServerOverloaded),
    (failure(424, {"error": "Request failed", "error_type": "generation"}),
     errors.ServerOverloaded),
    (failure(500, {}), errors.ServerOverloaded),
    (failure(502, {"error": {"code": 502, "message": "bad upstream"}}), errors.ServerOverloaded),
    (failure(503, {"error": {"code": 503, "message": "Loading model",
                             "type": "unavailable_error"}}), errors.ServerOverloaded),
    (page(502), errors.ServerOverloaded),
    (page(520), errors.ServerOverloaded),
    (page(403), errors.EndpointUnreachable),
    (page(200), errors.EndpointUnreachable),
    (failure(307, {}, location="http://127.0.0.1:9/elsewhere"), errors.EndpointUnreachable),
    (failure(200, {"error": {"code": 402, "message": "Insufficient credits"}}),
     errors.QuotaExhausted),
    (failure(200, {"error": {"code": 429, "message": "slow down"}}), errors.RateLimited),
)  # fmt: skip


async def test_every_refusal_is_told_for_what_it_is(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve()
    for answer, kind in REFUSALS:
        fake.answer_always(answer)
        with pytest.raises(errors.ProviderError) as raised:
            await collect(subject.ask(provider))
        assert type(raised.value) is kind, answer
        assert "secret" not in str(raised.value), answer
        assert KEY not in str(raised.value), answer
        # However often it was refused, the next answer is read as ever.
    fake.answer_always(subject.answer("return a"))
    assert await text_of(subject.ask(provider)) == "return a"


BREAKS: tuple[Answer, ...] = (
    Answer(headless=True, end="reset"),
    Answer(headless=True, end="cut"),
    Answer(headless=True, end="hang"),
    Answer(end="hang", after_bytes=0),
    Answer(end="hang", after_bytes=40),
    Answer(end="reset", after_bytes=40),
    Answer(end="cut", after_bytes=40),
)


async def test_what_breaks_is_unreachable(subject: Subject, serve: Ask) -> None:
    async def breaks(answer: Answer) -> None:
        fake, provider = await serve(timeout_ms=600)
        fake.answer_always(answer)
        with pytest.raises(errors.EndpointUnreachable):
            await collect(subject.ask(provider))

    await asyncio.gather(*(breaks(answer) for answer in BREAKS))


@pytest.mark.parametrize("model", [{}, {"model": ""}], ids=["named", "unnamed"])
async def test_a_server_that_hangs_takes_one_limit_whatever_is_asked_first(
    subject: Subject,
    serve: Ask,
    jump: Jump,
    monkeypatch: pytest.MonkeyPatch,
    model: dict[str, str],
) -> None:
    fake, provider = await serve(timeout_ms=60_000, **model)
    monkeypatch.setattr(fake, "respond", lambda request: Answer(headless=True, end="hang"))
    asking = asyncio.ensure_future(collect(subject.ask(provider)))
    await fake.arrival()
    jump(60.1)
    await asyncio.wait({asking}, timeout=PATIENCE_S)
    assert asking.done()
    with pytest.raises(errors.EndpointUnreachable, match="said nothing for 60 s"):
        await asking


async def test_cancelling_closes_the_connection_at_once(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve()
    fake.answer_always(Answer(end="hang", after_bytes=0))
    took_s = [await _closed_after_s(fake, subject.ask(provider)) for _ in range(TRIES)]
    # A busy machine delays one or the other; what waits for a timer is late each time.
    assert min(took_s) <= CLOSED_S


async def _closed_after_s(fake: FakeServer, chunks: AsyncGenerator[Chunk, None]) -> float:
    """From cancelling the reading of `chunks` until the fake sees that nobody is there."""
    fake.scripted.clear()
    reading = asyncio.ensure_future(collect(chunks))
    async with asyncio.timeout(PATIENCE_S):
        asked = await fake.question()
        cancelled_s = time.monotonic()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asked.hung_up.wait()
    assert asked.hung_up_s is not None
    return asked.hung_up_s - cancelled_s


async def test_leaving_in_the_middle_closes_the_connection(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve(subject.answer("a", "b", "c", end="hang"))
    stream = subject.ask(provider)
    async with asyncio.timeout(PATIENCE_S):
        await anext(stream)
        await stream.aclose()
        await fake.scripted[0].hung_up.wait()


async def test_the_key_goes_along_and_a_wrong_one_is_told(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve(subject.answer("a"))
    await collect(subject.ask(provider))
    assert {each.headers.get("authorization") for each in fake.received} == {f"Bearer {KEY}"}
    keyless = subject.provider(subject.endpoint(fake.url, key=None))
    with pytest.raises(errors.Unauthorized):
        await collect(subject.ask(keyless))
    await keyless.close()


async def test_warming_never_fails(subject: Subject, serve: Ask) -> None:
    fake, provider = await serve(timeout_ms=500)
    await provider.warm()
    for address in (fake.url + "/nowhere", "http://127.0.0.1:1", "nonsense"):
        other = subject.provider(subject.endpoint(address))
        await other.warm()
        await other.close()


async def test_a_way_that_is_poorer_is_told_once(subject: Subject, serve: Ask) -> None:
    notices: list[Notice] = []
    answer = subject.answer("a")
    _, provider = await serve(answer, answer, notify=notices.append)
    for _ in range(2):
        assert await text_of(subject.ask(provider)) == "a"
    assert [notice.topic for notice in notices] == (["no-fim"] if subject.tagged else [])


RECORDED = [(each, name) for each in SUBJECTS for name in each.transcripts]


@pytest.mark.parametrize(("recorded", "name"), RECORDED, ids=lambda value: str(value))
async def test_transcripts_are_read(recorded: Subject, name: str) -> None:
    told = transcript(name)
    raw = "".join(told["segments"]).encode()
    kind = told["headers"]["content-type"]
    answer = Answer(raw=raw, content_type=kind, split_bytes=7)
    async with recorded.fake([answer], key=KEY) as fake:
        provider = recorded.provider(recorded.endpoint(fake.url))
        if "mid-error" in name:
            with pytest.raises(errors.ServerOverloaded):
                await collect(recorded.ask(provider))
        else:
            chunks = await collect(recorded.ask(provider))
            assert "".join(chunk.text for chunk in chunks) == told.get("expect", {}).get("text", "")
            assert chunks[-1].finish is not None
        await provider.close()
