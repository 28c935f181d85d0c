"""Model servers on this machine: found where they listen, offered, and never used unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.doctor import local_servers
from devstral_lsp.doctor.checks import run_checks
from devstral_lsp.doctor.local_servers import DEFAULT_PORTS, DefaultPort, find_local_servers
from tests.support.answers import Answer
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import FakeServer, Received


class Wire(FakeServer):
    """Answers every request with one body."""

    completion_paths = ()

    def __init__(self, body: Any) -> None:
        super().__init__()
        self._told = body

    def respond(self, request: Received) -> Answer:
        return Answer(body=self._told)

    def refuse_key(self) -> Answer:
        raise AssertionError("no key is sent")


def place(fake: FakeServer, provider: str = "ollama") -> DefaultPort:
    return DefaultPort(provider.title(), provider, urlsplit(fake.url).port or 0)


class Ollama(FakeOllama):
    """One that also lists its models as OpenAI does, as the real one."""

    def respond(self, request: Received) -> Answer:
        if request.path == "/v1/models":
            return Answer(body={"object": "list", "data": [{"id": self._model}]})
        return super().respond(request)


@pytest.mark.parametrize(
    ("model", "abilities", "models"),
    [
        ("qwen2.5-coder:7b", ("completion",), ("qwen2.5-coder:7b",)),
        ("own-tune:latest", ("completion", "insert"), ("own-tune:latest",)),
        ("llama3.2:3b", ("completion", "tools"), ()),
    ],
)
async def test_ollama_says_which_models_fill_gaps(
    model: str, abilities: tuple[str, ...], models: tuple[str, ...]
) -> None:
    async with Ollama(model=model, abilities=abilities) as fake:
        (found,) = await find_local_servers([place(fake)])
    assert found.models == models
    assert found.base_url == fake.url
    assert (model in found.description) is bool(models)


@pytest.mark.parametrize("provider", ["lmstudio", "vllm", "llamacpp"])
async def test_others_are_known_by_the_models_name(provider: str) -> None:
    async with FakeOpenAi() as fake:
        (found,) = await find_local_servers([place(fake, provider)])
    assert (found.provider, found.models) == (provider, ("qwen2.5-coder-7b",))
    asked = {(each.method, each.path) for each in fake.received}
    assert asked == {("GET", "/v1/models")}
    assert all("authorization" not in each.headers for each in fake.received)


@pytest.mark.parametrize("body", [{}, [], "<html>", {"data": "no"}, {"models": []}])
async def test_what_else_listens_there_is_no_model_server(body: Any) -> None:
    async with Wire(body) as fake:
        assert await find_local_servers([place(fake)]) == ()
        assert [each.path for each in fake.received] == ["/v1/models"]


async def test_a_model_server_without_models_is_told_as_one() -> None:
    async with Wire({"object": "list", "data": []}) as fake:
        (found,) = await find_local_servers([place(fake)])
    assert found.models == ()
    assert "no models" in found.description
    assert found.hint == ""


async def test_nobody_there() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    assert await find_local_servers([DefaultPort("Nobody", "ollama", port)]) == ()


def test_the_usual_places_are_the_providers_own() -> None:
    from devstral_lsp.providers import PROVIDERS

    for each in DEFAULT_PORTS:
        own = urlsplit(PROVIDERS[each.provider].default_base_url).port
        assert own in (None, each.port), each.name


async def findings(folder: Path, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the doctor says of this machine."""
    user_file = folder / "config.toml"
    user_file.touch()
    own = {"DEVSTRAL_CONFIG": str(user_file), "DEVSTRAL_CACHE": str(folder / "cache"), **environ}
    checks = run_checks(load_settings(folder, own), own, folder)
    return [(each.message, each.hint) async for each in checks if each.check == "nearby"]


async def test_the_doctor_offers_them_where_no_endpoint_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Ollama() as fake:
        monkeypatch.setattr(local_servers, "DEFAULT_PORTS", (place(fake),))
        ((said, hint),) = await findings(tmp_path, {})
        assert "no setting uses it" in said
        assert f'fim.base_url to "{fake.url}"' in hint
        assert 'fim.model to "qwen2.5-coder:7b"' in hint
        assert not fake.completions
        before = len(fake.received)
        own = {"DEVSTRAL_FIM_PROVIDER": "ollama", "DEVSTRAL_FIM_BASE_URL": "http://127.0.0.1:1"}
        assert await findings(tmp_path, own) == []
        assert len(fake.received) == before
