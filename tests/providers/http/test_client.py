"""The client on a real socket: what breaks, what is kept, what is closed, what stays secret."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from contextlib import aclosing
from itertools import chain, repeat

import pytest
from hpack import Encoder

from devstral_lsp import errors
from devstral_lsp.providers.base import ConnectionOptions, FimRequest, Secret
from devstral_lsp.providers.http.base_address import BaseAddress
from devstral_lsp.providers.http.client import HttpClient, encode_json
from tests.providers.conftest import GOOD_KEY, Connect
from tests.support.answers import Answer, envelope, failure, page
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.streams import collect, text_of

PROMPT = "def secret_sauce(a, b):\n    "
REQUEST = FimRequest(prompt=PROMPT, suffix="\n# secret suffix\n", max_tokens=64)
PATIENCE_S = 5


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://api.mistral.ai", "https://api.mistral.ai"),
        ("https://api.mistral.ai/", "https://api.mistral.ai"),
        ("https://api.mistral.ai/v1", "https://api.mistral.ai"),
        (" https://api.mistral.ai/v1/ ", "https://api.mistral.ai"),
        ("https://codestral.mistral.ai/v1/fim/completions", "https://codestral.mistral.ai"),
        ("https://x.org/mistral/v1/chat/completions", "https://x.org/mistral"),
        ("https://x.org/v1beta", "https://x.org/v1beta"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api"),
        ("https://api.deepseek.com/beta", "https://api.deepseek.com"),
        ("https://gateway.corp/v1/completions", "https://gateway.corp"),
        ("http://127.0.0.1:8080/infill", "http://127.0.0.1:8080"),
        ("http://localhost:8080/v1", "http://localhost:8080"),
        ("https://x.org/v1/responses", "https://x.org"),
        ("https://x.org/v1/embeddings", "https://x.org"),
    ],
)
def test_an_address_is_taken_with_or_without_its_route(given: str, address: str) -> None:
    address_of = BaseAddress.of(given)
    assert (address_of.root, address_of.url("/tokenize")) == (address, f"{address}/tokenize")


OWN = [
    ("https://api.z.ai/api/paas/v4", "https://api.z.ai/api/paas/v4"),
    ("https://api.z.ai/api/paas/v4/chat/completions/", "https://api.z.ai/api/paas/v4"),
    ("https://x.org/v1beta/openai/", "https://x.org/v1beta/openai"),
    ("https://ark.cn/api/v3", "https://ark.cn/api/v3"),
    ("https://x.org/v2", "https://x.org/v2"),
    ("https://x.org/api/v2.0/", "https://x.org/api/v2.0"),
    ("https://g.cloudflare.com/v1/me/gate/compat", "https://g.cloudflare.com/v1/me/gate/compat"),
    ("https://g.cloudflare.com/v1/me/gate/openai/", "https://g.cloudflare.com/v1/me/gate/openai"),
    ("https://x.org/api/v3/responses", "https://x.org/api/v3"),
    ("https://api.perplexity.ai/chat/completions", "https://api.perplexity.ai"),
    ("https://x.org/serving/completions", "https://x.org/serving"),
    ("https://r.azure.com/openai/deployments/gpt", "https://r.azure.com/openai/deployments/gpt"),
]


@pytest.mark.parametrize(("given", "root"), OWN)
@pytest.mark.parametrize("query", ["", "?api-version=2024-06-01"])
def test_an_address_with_a_version_of_its_own_gets_no_other(
    given: str, root: str, query: str
) -> None:
    address = BaseAddress.of(given + query)
    assert address.url("/v1/chat/completions") == f"{root}/chat/completions{query}"
    assert address.url("/v1/models") == f"{root}/models{query}"


def test_azures_usual_version_keeps_its_query() -> None:
    address = BaseAddress.of("https://r.azure.com/openai/v1?api-version=preview")
    expected = "https://r.azure.com/openai/v1/chat/completions?api-version=preview"
    assert address.url("/v1/chat/completions") == expected


def test_a_lone_surrogate_is_replaced_before_sending() -> None:
    assert encode_json({"prompt": "a\ud83dé\u2028"}) == '{"prompt":"a\ufffdé\u2028"}'.encode()


async def test_a_piece_is_given_while_the_next_is_still_to_come(connect: Connect) -> None:
    gate = asyncio.Semaphore(1)

    async def pass_gate(_: float) -> None:
        await gate.acquire()

    async with FakeMistral([Answer(text=("a", "b"), between_ms=1)], sleep=pass_gate) as fake:
        stream = connect(fake).fim(REQUEST)
        assert (await anext(stream)).text == "a"
        for _ in range(3):
            gate.release()
        assert await text_of(stream) == "b"


async def test_one_connection_serves_request_after_request(connect: Connect) -> None:
    async with FakeMistral() as fake:
        provider = connect(fake)
        await provider.warm()
        for _ in range(3):
            assert await text_of(provider.fim(REQUEST)) == "return a + b"
    assert fake.connections == 1
    assert len(fake.completions) == 3


async def test_a_reader_that_leaves_at_the_finish_keeps_the_connection(connect: Connect) -> None:
    async with FakeMistral() as fake:
        provider = connect(fake)
        for _ in range(2):
            async with aclosing(provider.fim(REQUEST)) as stream:
                async for chunk in stream:
                    if chunk.finish is not None:
                        break
    assert fake.connections == 1


@pytest.mark.parametrize("answer", [Answer(headless=True, end="hang"), Answer(end="hang")])
async def test_cancelling_before_the_first_text_hangs_up(connect: Connect, answer: Answer) -> None:
    async with FakeMistral([answer]) as fake:
        reading = asyncio.ensure_future(collect(connect(fake).fim(REQUEST)))
        request = await fake.arrival()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert reading.cancelled()
        await asyncio.wait_for(request.hung_up.wait(), PATIENCE_S)


async def test_cancelling_a_wait_for_more_text_hangs_up(connect: Connect) -> None:
    async with FakeMistral([Answer(text="abc", end="hang", after_bytes=450)]) as fake:
        stream = connect(fake).fim(REQUEST)
        assert (await anext(stream)).text == "a"
        reading = asyncio.ensure_future(collect(stream))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.wait_for(fake.received[0].hung_up.wait(), PATIENCE_S)


async def test_leaving_in_the_middle_of_the_text_hangs_up(connect: Connect) -> None:
    answer = Answer(text=("a", "b", "c"), end="hang", after_bytes=450)
    async with FakeMistral([answer]) as fake:
        stream = connect(fake).fim(REQUEST)
        assert (await anext(stream)).text == "a"
        await stream.aclose()
        await asyncio.wait_for(fake.received[0].hung_up.wait(), PATIENCE_S)


async def test_a_listener_that_fails_leaves_nothing_open() -> None:
    def fail(_: object) -> None:
        raise RuntimeError

    async with FakeMistral([Answer(end="hang")]) as fake:
        http = HttpClient(fake.url, GOOD_KEY, 5000)
        body = {"model": "codestral-latest", "prompt": "a", "stream": True}
        with pytest.raises(RuntimeError):
            await anext(http.events("/v1/fim/completions", body, REQUEST, fail))
        await asyncio.wait_for(fake.received[0].hung_up.wait(), PATIENCE_S)
        await http.close()


async def test_the_next_request_is_served_after_a_cancelled_one(connect: Connect) -> None:
    async with FakeMistral([Answer(end="hang", after_bytes=0)]) as fake:
        provider = connect(fake)
        reading = asyncio.ensure_future(collect(provider.fim(REQUEST)))
        await fake.arrival()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        assert await text_of(provider.fim(REQUEST)) == "return a + b"


async def test_a_kept_connection_that_died_is_replaced(connect: Connect) -> None:
    dead = Answer(headless=True, end="cut")
    async with FakeMistral([Answer(), dead, Answer(text=("again",))]) as fake:
        provider = connect(fake)
        await text_of(provider.fim(REQUEST))
        assert await text_of(provider.fim(REQUEST)) == "again"
    assert fake.connections == 2


async def test_a_new_connection_that_dies_is_not_tried_again(connect: Connect) -> None:
    async with FakeMistral([Answer(headless=True, end="cut")]) as fake:
        with pytest.raises(errors.EndpointUnreachable):
            await collect(connect(fake).fim(REQUEST))
    assert len(fake.received) == 1


BREAKS: list[tuple[Answer, type[errors.ProviderError]]] = [
    (Answer(headless=True, end="reset"), errors.EndpointUnreachable),
    (Answer(headless=True, end="hang"), errors.EndpointUnreachable),
    (Answer(end="hang", after_bytes=0), errors.EndpointUnreachable),
    (Answer(end="hang", after_bytes=400), errors.EndpointUnreachable),
    (Answer(end="reset", after_bytes=400), errors.EndpointUnreachable),
    (Answer(end="cut", after_bytes=400), errors.EndpointUnreachable),
    (Answer(finish_reason="error"), errors.ServerOverloaded),
    (page(520), errors.ServerOverloaded),
    (page(200), errors.EndpointUnreachable),
    (failure(200, {"error": {"code": 429, "message": "x"}}), errors.RateLimited),
    (failure(200, envelope("FIM is off", "server_error", None)), errors.ServerOverloaded),
    (failure(200, {"choices": []}), errors.InvalidResponse),
    (Answer(raw=b"not json", content_type="application/json"), errors.InvalidResponse),
    (Answer(raw=b'data: {"error":{"code":502}}\n\n'), errors.ServerOverloaded),
    (Answer(raw=b"data: not json\n\n"), errors.InvalidResponse),
    (Answer(raw=b"data: [1]\n\n"), errors.InvalidResponse),
    (Answer(raw=b"data: {}\n\n"), errors.InvalidResponse),
    (Answer(raw=b'data: {"choices":[{"text":"x"}]}\n\n'), errors.InvalidResponse),
    (Answer(raw=b"data: " + b"x" * 5_000_000), errors.InvalidResponse),
    (failure(400, {"message": "x" * 100_000}), errors.InvalidRequest),
    (failure(307, {}, location="http://127.0.0.1:9/elsewhere"), errors.EndpointUnreachable),
    (failure(429, {}, retry_after="7"), errors.RateLimited),
    (Answer(status=500, raw=b"x" * 100, end="cut", after_bytes=10), errors.ServerOverloaded),
    *(
        (Answer(raw=b"data: {}\n\n", headers={"Content-Encoding": name}), errors.InvalidResponse)
        for name in ("gzip", "deflate", "br", "zstd", "gzip, gzip")
    ),
    (
        Answer(status=500, raw=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
        errors.ServerOverloaded,
    ),
    (Answer(raw=b": still there\n\n" * 200_000), errors.InvalidResponse),
    (Answer(raw=b'data: {"choices":[]}\n\n' * 100_000), errors.InvalidResponse),
    (
        Answer(raw=b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n' * 20_000),
        errors.InvalidResponse,
    ),
    (Answer(raw=b"data: " + b"[" * 100_000 + b"\n\n"), errors.InvalidResponse),
    (Answer(raw=b"data: " + b"9" * 100_000 + b"\n\n"), errors.InvalidResponse),
    (Answer(raw=b'data: {"error":' + b'{"error":' * 5000 + b"\n\n"), errors.InvalidResponse),
    (Answer(raw=b"[" * 5_000_000, content_type="application/json"), errors.InvalidResponse),
]


@pytest.mark.parametrize(("answer", "kind"), BREAKS)
async def test_what_breaks_is_told_without_secrets(
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
    kind: type[errors.ProviderError],
) -> None:
    caplog.set_level(logging.DEBUG)
    timeout_ms = 100 if answer.end == "hang" else 5000
    async with FakeMistral([answer]) as fake:
        with pytest.raises(errors.ProviderError) as raised:
            await collect(connect(fake, timeout_ms=timeout_ms).fim(REQUEST))
    assert type(raised.value) is kind
    # A traceback must not show the client's own exception either.
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    _assert_no_secrets(str(raised.value), caplog)


async def test_a_failure_comes_after_the_text_that_came(connect: Connect) -> None:
    async with FakeMistral([Answer(end="cut", done=False, finish_reason=None)]) as fake:
        stream = connect(fake).fim(REQUEST)
        assert [(await anext(stream)).text, (await anext(stream)).text] == ["return a", " + b"]
        with pytest.raises(errors.EndpointUnreachable):
            await anext(stream)


async def test_a_break_after_the_finish_is_no_failure(connect: Connect) -> None:
    async with FakeMistral([Answer(end="cut", done=False)]) as fake:
        assert await text_of(connect(fake).fim(REQUEST)) == "return a + b"


async def test_a_wait_is_passed_on(connect: Connect) -> None:
    async with FakeMistral([failure(429, {}, retry_after="7")]) as fake:
        with pytest.raises(errors.RateLimited) as raised:
            await collect(connect(fake).fim(REQUEST))
    assert raised.value.retry_after_s == 7


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x", "nonsense", "http://[", "http://\x00", "http://"),
        *("https://xn--a", "https://xn--unix.invalid:9", "http://localhost:1/\ud800"),
    ],
)
async def test_an_address_that_is_none_is_told(connect: Connect, url: str) -> None:
    with pytest.raises(errors.EndpointUnreachable, match="base_url"):
        await collect(connect(url).fim(REQUEST))


async def test_nobody_at_the_address_is_told(connect: Connect) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(errors.EndpointUnreachable, match="No server listens"):
            await collect(connect(url).fim(REQUEST))


async def test_a_client_that_was_closed_meanwhile_is_told_like_a_host_out_of_reach(
    connect: Connect,
) -> None:
    """New settings replace a provider while a keystroke is on its way to it."""
    async with FakeMistral(strict=False) as fake:
        provider = connect(fake.url)
        await collect(provider.fim(REQUEST))
        await provider.close()
        with pytest.raises(errors.EndpointUnreachable):
            await collect(provider.fim(REQUEST))


async def test_a_proxy_that_refuses_is_told(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeMistral() as fake:
        monkeypatch.setenv("HTTPS_PROXY", fake.url)
        with pytest.raises(errors.EndpointUnreachable, match="HTTPS_PROXY"):
            await collect(connect("https://endpoint.invalid").fim(REQUEST))
    assert [request.method for request in fake.received] == ["CONNECT"]
    assert "authorization" not in fake.received[0].headers


async def test_a_redirect_is_not_followed_with_the_key(connect: Connect) -> None:
    async with FakeMistral() as other:
        moved = failure(307, {}, location=f"{other.url}/v1/fim/completions")
        async with FakeMistral([moved]) as fake:
            with pytest.raises(errors.EndpointUnreachable, match="base_url"):
                await collect(connect(fake).fim(REQUEST))
    assert other.received == []


async def test_without_a_key_no_authorization_is_sent(connect: Connect) -> None:
    async with FakeMistral(key=None) as fake:
        await collect(connect(fake, key=None).fim(REQUEST))
    assert "authorization" not in fake.received[0].headers


async def test_the_headers_are_ours(connect: Connect) -> None:
    async with FakeMistral() as fake:
        await collect(connect(fake).fim(REQUEST))
    headers = fake.received[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["user-agent"].startswith("devstral-lsp/")
    assert headers["accept"] == "text/event-stream"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "schlüssel", "\x00"])
async def test_a_key_that_no_header_can_carry_is_told_without_it(
    connect: Connect, value: str
) -> None:
    async with FakeMistral() as fake:
        with pytest.raises(errors.Unauthorized) as raised:
            await collect(connect(fake, key=Secret(value, "keyring")).fim(REQUEST))
    assert "keyring" in str(raised.value)
    assert value not in str(raised.value)


async def test_a_key_copied_with_its_line_end_is_taken(connect: Connect) -> None:
    async with FakeMistral() as fake:
        await collect(connect(fake, key=Secret(f" {KEY}\n", "keyring")).fim(REQUEST))


async def test_success_logs_no_secret_either(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeMistral() as fake:
        await collect(connect(fake).fim(REQUEST))
    _assert_no_secrets("", caplog)


def test_hpack_does_not_log_the_headers_it_packs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Encoder().encode([("authorization", f"Bearer {KEY}")])
    _assert_no_secrets("", caplog)


async def test_a_wrong_key_is_told(connect: Connect) -> None:
    async with FakeMistral() as fake:
        with pytest.raises(errors.Unauthorized, match="MISTRAL_API_KEY"):
            await collect(connect(fake, key=Secret("wrong", "MISTRAL_API_KEY")).fim(REQUEST))


FRAMINGS = [
    Answer(text=("a\u2028b", "é😀")),
    Answer(text=("a\u2028b", "é😀"), split_bytes=1),
    Answer(text=("a\u2028b", "é😀"), split_bytes=7, line_end="\r\n", comment="PROCESSING"),
    Answer(text=("a\u2028b", "é😀"), line_end="\r", done=False),
    Answer(text=("a\u2028b", "é😀"), usage=None),
]


@pytest.mark.parametrize("answer", FRAMINGS)
async def test_every_framing_gives_the_same_text(connect: Connect, answer: Answer) -> None:
    async with FakeMistral([answer]) as fake:
        assert await text_of(connect(fake).fim(REQUEST)) == "a\u2028bé😀"


async def test_a_last_event_without_its_blank_line_counts(connect: Connect) -> None:
    raw = b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}]}'
    async with FakeMistral([Answer(raw=raw)]) as fake:
        assert await text_of(connect(fake).fim(REQUEST)) == "a"


async def test_a_hang_after_the_finish_does_not_keep_the_user_waiting(connect: Connect) -> None:
    async with FakeMistral([Answer(done=False, end="hang")]) as fake:
        reading = text_of(connect(fake, timeout_ms=60_000).fim(REQUEST))
        assert await asyncio.wait_for(reading, PATIENCE_S) == "return a + b"


def _assert_no_secrets(sentence: str, caplog: pytest.LogCaptureFixture) -> None:
    told = sentence + caplog.text
    assert KEY not in told
    assert "secret" not in told


async def _dribble(
    piece: bytes, link: ConnectionOptions, timeout_ms: int
) -> tuple[errors.ProviderError, list[str]]:
    """What comes of an endpoint that sends the same piece for ever, and the text until then."""
    hung_up = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        writer.write(head)
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.002)
        hung_up.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        http = HttpClient(f"http://127.0.0.1:{port}", GOOD_KEY, timeout_ms, link)
        came: list[str] = []

        async def read() -> None:
            asked = http.answer(
                REQUEST, lambda request: http.events("/v1/fim/completions", {"model": "m"}, request)
            )
            async with aclosing(asked) as events:
                async for event in events:
                    came.append(event["x"])

        with pytest.raises(errors.ProviderError) as raised:
            await read()
        await asyncio.wait_for(hung_up.wait(), PATIENCE_S)
        await http.close()
    return raised.value, came


async def test_a_stream_that_never_ends_is_ended() -> None:
    error, came = await _dribble(
        b'data: {"x":"a"}\n\n', ConnectionOptions(total_timeout_ms=150), 5000
    )
    assert type(error) is errors.EndpointUnreachable
    assert "was not done after 0.15 s" in str(error)
    assert len(came) > 1


async def test_comments_that_keep_a_stream_alive_are_no_answer() -> None:
    error, came = await _dribble(b": PROCESSING\n\n", ConnectionOptions(), 100)
    assert "said nothing for 0.1 s" in str(error)
    assert came == []


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a\ud83d\ude00b", "a😀b"),
        ("\ud83d", "\ufffd"),
        ("\ud83db", "\ufffdb"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
        ("é漢😀", "é漢😀"),
    ],
)
def test_the_halves_of_a_character_are_joined(text: str, sent: str) -> None:
    """An editor may insert them one by one."""
    assert json.loads(encode_json({"prompt": text})) == {"prompt": sent}


async def test_an_answer_left_over_from_the_request_before_is_never_shown(
    connect: Connect,
) -> None:
    texts = chain(("first",), repeat("second"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
                text = next(texts)
                surplus = _reply("WRONG") if text == "first" else b""
                writer.write(_reply(text) + surplus)
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        provider = connect(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert await text_of(provider.fim(REQUEST)) == "first"
        assert await text_of(provider.fim(REQUEST)) == "second"
        await provider.close()


def _reply(text: str) -> bytes:
    event = b'data: {"choices":[{"delta":{"content":"%b"},"finish_reason":"stop"}]}\n\n'
    body = event % text.encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body
