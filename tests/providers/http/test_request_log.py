"""The log's lines about requests: each at DEBUG, the models at INFO, nothing of what is said."""

from __future__ import annotations

import logging

import pytest

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import FimRequest
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.http.request_log import request_id
from tests.support.answers import Answer, failure, page
from tests.support.fake_mistral import KEY, FakeMistral

PATH = "/v1/fim/completions"
SAID = "their_secret_name"
REQUEST = FimRequest(prompt=SAID, max_tokens=64)
BODY = {"model": "codestral-latest", "prompt": SAID, "stream": True}

LINES = [
    (Answer(text=(SAID,)), "model codestral-latest: answered after"),
    (failure(401, {"message": SAID}), "Unauthorized, status 401 after"),
    (failure(503, {"message": SAID}, x_request_id="a1-b2"), "status 503, request a1-b2 after"),
    (failure(429, {}, x_kong_request_id="0f"), "RateLimited, status 429, request 0f after"),
    (
        failure(400, {"message": SAID}, x_request_id=f"{SAID} = 1"),
        "InvalidRequest, status 400 after",
    ),
    (page(502, SAID), "status 502 after"),
    (Answer(end="reset", after_bytes=0), "EndpointUnreachable after"),
]


async def _asked(fake: FakeMistral, times: int = 1, path: str = PATH) -> None:
    client = HttpClient(fake.url, None, 5_000)
    for _ in range(times):
        try:
            async for _ in client.events(path, BODY, REQUEST):
                pass
        except ProviderError:
            continue
    await client.close()


@pytest.mark.parametrize(("answer", "outcome"), LINES)
async def test_each_request_has_a_line(
    answer: Answer, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeMistral([answer], key=None, strict=False) as fake:
        with caplog.at_level(logging.DEBUG, "devstral_lsp.providers"):
            await _asked(fake)
    line = caplog.messages[-1]
    assert line.startswith(f"request: {PATH} at {fake.url.removeprefix('http://')}, model")
    assert outcome in line
    assert SAID not in caplog.text


async def test_a_reader_that_has_enough_hangs_up(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeMistral(key=None, strict=False) as fake:
        client = HttpClient(fake.url, None, 5_000)
        with caplog.at_level(logging.DEBUG, "devstral_lsp.providers"):
            events = client.events(PATH, BODY, REQUEST)
            await anext(events)
            await events.aclose()
        await client.close()
    assert "cancelled after" in caplog.messages[-1]


async def test_a_request_that_takes_too_long_times_out(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeMistral([Answer(end="hang", after_bytes=0)], key=None, strict=False) as fake:
        client = HttpClient(fake.url, None, 50)
        answer = client.answer(REQUEST, lambda request: client.events(PATH, BODY, request))
        with (
            caplog.at_level(logging.DEBUG, "devstral_lsp.providers"),
            pytest.raises(ProviderError),
        ):
            await anext(answer)
        await client.close()
    assert "timed out after" in caplog.messages[-1]


async def test_a_model_is_told_once_at_info(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeMistral(key=None, strict=False) as fake:
        with caplog.at_level(logging.INFO, "devstral_lsp.providers"):
            await _asked(fake, times=2)
    host = fake.url.removeprefix("http://")
    assert caplog.messages == [f"first request to the model codestral-latest at {host}"]


async def test_above_that_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeMistral([failure(401, {})], key=KEY, strict=False) as fake:
        with caplog.at_level(logging.WARNING, "devstral_lsp.providers"):
            await _asked(fake)
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, ""),
        ({"cf-ray": "8f1e2d-FRA"}, "8f1e2d-FRA"),
        ({"x-request-id": "req_1", "cf-ray": "8f"}, "req_1"),
        ({"x-request-id": "two words", "cf-ray": "8f"}, "8f"),
        ({"x-request-id": "x" * 81}, ""),
    ],
)
def test_the_id_of_a_request_is_taken_if_it_can_be_one(headers: dict[str, str], found: str) -> None:
    assert request_id(headers) == found
