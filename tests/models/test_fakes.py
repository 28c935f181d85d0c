"""The fake llama.cpp of the other tests says what the real one says, as far as it says anything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.models.conftest import MakeModel
from tests.models.servers import LlamaCpp
from tests.support.fake_llamacpp import FakeLlamaCpp

pytestmark = pytest.mark.models

INFILL = ("/infill", {"input_prefix": "a", "input_suffix": "b", "n_predict": 3, "stream": True})
COMPLETION = ("/completion", {"prompt": "a", "n_predict": 3, "stream": True})
CHAT = (
    "/v1/chat/completions",
    {
        "model": "m",
        "messages": [{"role": "user", "content": "a"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    },
)
TOKENS = ("/tokenize", {"content": "a", "parse_special": True, "add_special": False})


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        yield client


def events_of(answer: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def strayed(fake: Any, real: Any, place: str = "") -> list[str]:
    """The members of the fake's that the real one has not, or of another type."""
    if isinstance(fake, dict) and isinstance(real, dict):
        found = [f"{place}.{name} is not there" for name in fake.keys() - real.keys()]
        for name in fake.keys() & real.keys():
            found += strayed(fake[name], real[name], f"{place}.{name}")
        return found
    if isinstance(fake, list) and isinstance(real, list):
        return strayed(fake[0], real[0], f"{place}[]") if fake and real else []
    # A member may be null in one place of a stream and text in another.
    if fake is None or real is None or type(fake) is type(real):
        return []
    return [f"{place} is {type(real).__name__}, not {type(fake).__name__}"]


@pytest.mark.parametrize("asked", [INFILL, COMPLETION, CHAT], ids=lambda asked: asked[0])
async def test_streams(
    filling: LlamaCpp, client: httpx.AsyncClient, asked: tuple[str, dict[str, Any]]
) -> None:
    path, body = asked
    async with FakeLlamaCpp() as server:
        fake = await client.post(server.url + path, json=body)
    real = await client.post(filling.url + path, json=body)
    assert ("[DONE]" in fake.text) == ("[DONE]" in real.text)
    assert fake.headers["content-type"].split(";")[0] == real.headers["content-type"].split(";")[0]
    fakes, reals = events_of(fake), events_of(real)
    for at in (0, 1, -1):
        assert strayed(fakes[at], reals[at]) == [], at


async def test_what_it_tells_of_itself(filling: LlamaCpp, client: httpx.AsyncClient) -> None:
    async with FakeLlamaCpp() as server:
        for path in ("/props", "/v1/models"):
            fake, real = await client.get(server.url + path), await client.get(filling.url + path)
            assert strayed(fake.json(), real.json()) == [], path
        path, body = TOKENS
        fake = await client.post(server.url + path, json=body)
        real = await client.post(filling.url + path, json=body)
        assert strayed(fake.json(), real.json()) == []


async def test_refusals(
    codestral: LlamaCpp, model: MakeModel, logs: Any, client: httpx.AsyncClient
) -> None:
    path, body = INFILL
    async with FakeLlamaCpp(has_fim=False) as server:
        fake = await client.post(server.url + path, json=body)
    real = await client.post(codestral.url + path, json=body)
    assert (fake.status_code, fake.json()) == (real.status_code, real.json())
    with LlamaCpp(model("qwen"), logs / "locked-fake", key="a-key") as locked:
        real = await client.post(locked.url + path, json=body)
    async with FakeLlamaCpp(key="a-key") as server:
        fake = await client.post(server.url + path, json=body)
    assert (fake.status_code, fake.json()) == (real.status_code, real.json())
