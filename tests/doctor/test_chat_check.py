"""What `doctor` says of whom refactoring would ask, and what it asks to know that."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.doctor.chat_check import check_chat_endpoint, resolve_chat_model
from devstral_lsp.doctor.checks import run_checks
from devstral_lsp.doctor.probe_cache import ProbeCache
from devstral_lsp.doctor.result import CheckResult, CheckStatus
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import ChatRequest, Endpoint, ProvidesModelInfo, Secret
from devstral_lsp.providers.model_list import parse_model_list
from tests.support.answers import Answer, failure, model_card, unknown_model
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import CHAT_PATH, FakeOpenAi
from tests.support.fake_server import FakeServer, Received

OK, WARNING, FAILURE = CheckStatus.OK, CheckStatus.WARNING, CheckStatus.FAILURE
SECRET = Secret(KEY, "MISTRAL_API_KEY")


class _ListForAll(FakeOpenAi):
    """Its list of models is given to anybody, as at llama.cpp, OpenRouter and Vercel's gateway."""

    def _answer(self, request: Received) -> Answer:
        return self.respond(request) if request.path == "/v1/models" else super()._answer(request)


def _at(fake: FakeServer, model: str = "", key: Secret | None = SECRET) -> Endpoint:
    return Endpoint(base_url=fake.url, key=key, model=model)


def _paths(fake: FakeServer) -> list[str]:
    return [request.path for request in fake.received]


async def test_a_list_that_the_key_alone_is_given_is_proof_and_free() -> None:
    async with FakeMistral(strict=False) as fake:
        (found,) = await check_chat_endpoint("mistral", _at(fake, "devstral-2512"), ProbeCache())
    assert found.status is OK
    assert f"mistral at {fake.url}, with the key from MISTRAL_API_KEY" in found.message
    assert "devstral-2512 is on its list" in found.message
    assert fake.completions == []
    sent = [request.headers.get("authorization") for request in fake.received]
    assert sent == [f"Bearer {KEY}", None]


async def test_a_list_for_anybody_proves_no_key_so_that_one_token_is_asked_for() -> None:
    async with _ListForAll(key=KEY) as fake:
        (found,) = await check_chat_endpoint("openai_compatible", _at(fake), ProbeCache())
    assert found.status is OK
    assert "qwen2.5-coder-7b answered within" in found.message
    (question,) = fake.completions
    assert (question.path, question.body["max_tokens"]) == (CHAT_PATH, 1)


async def test_without_a_key_only_an_answer_proves_that_none_is_needed() -> None:
    async with FakeOpenAi() as open_to_all, _ListForAll(key=KEY) as locked:
        (answered,) = await check_chat_endpoint("vllm", _at(open_to_all, key=None), ProbeCache())
        (refused,) = await check_chat_endpoint("vllm", _at(locked, key=None), ProbeCache())
    assert (answered.status, refused.status) == (OK, FAILURE)
    assert "without a key" in answered.message


@pytest.mark.parametrize("kind", [FakeOpenAi, _ListForAll])
async def test_a_wrong_key_is_a_failure_that_says_so(kind: type[FakeOpenAi]) -> None:
    async with kind(key="another") as fake:
        (found,) = await check_chat_endpoint("openai_compatible", _at(fake), ProbeCache())
    assert found.status is FAILURE
    assert "refused the key from MISTRAL_API_KEY" in found.hint
    assert KEY not in repr(found)


async def test_a_host_that_is_not_there_is_a_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        (found,) = await check_chat_endpoint(
            "mistral", Endpoint(base_url=address, key=SECRET), ProbeCache()
        )
    assert found.status is FAILURE
    assert "it cannot be reached" in found.message
    assert "No server listens at 127.0.0.1" in found.hint


async def test_an_unknown_model_is_a_failure_that_names_others() -> None:
    async with FakeMistral(lambda _: unknown_model("gone"), strict=False) as fake:
        (found,) = await check_chat_endpoint("mistral", _at(fake, "gone"), ProbeCache())
    assert found.status is FAILURE
    assert "does not know the model gone" in found.hint
    assert "Set chat.model to one of: codestral-2508, codestral-latest" in found.hint


async def test_an_answer_of_a_model_that_the_list_does_not_name_is_a_warning() -> None:
    """Servers with one model answer with that, whatever they are asked for."""
    async with FakeOpenAi(key=KEY) as fake:
        (found,) = await check_chat_endpoint(
            "openai_compatible", _at(fake, "another"), ProbeCache()
        )
    assert found.status is WARNING
    assert "there is an answer, but another is not on its list" in found.message
    assert "Set chat.model to one of: qwen2.5-coder-7b" in found.hint


async def test_a_model_that_cannot_converse_is_not_asked() -> None:
    card = model_card("codestral-embed", fim=False, chat=False)
    listed = Answer(body={"object": "list", "data": [card, model_card("devstral", fim=False)]})
    async with FakeMistral(models=listed, strict=False) as fake:
        (found,) = await check_chat_endpoint("mistral", _at(fake, "codestral-embed"), ProbeCache())
    assert found.status is FAILURE
    assert "codestral-embed does not support chat" in found.message
    assert found.hint == "Set chat.model to one of: devstral."
    assert fake.completions == []


async def test_a_model_that_goes_away_is_told_beside_the_proof() -> None:
    card = {**model_card("devstral-2512", fim=False), "deprecation": "2026-12-31T00:00:00Z"}
    listed = Answer(body={"object": "list", "data": [card]})
    async with FakeMistral(models=listed, strict=False) as fake:
        warned, found = await check_chat_endpoint(
            "mistral", _at(fake, "devstral-2512"), ProbeCache()
        )
    assert (warned.status, found.status) == (WARNING, OK)
    assert "will be retired on 2026-12-31" in warned.message


@pytest.mark.parametrize(
    "answer",
    [
        failure(500, {}),
        failure(429, {}),
        Answer(end="reset", after_bytes=0),
        Answer(text=(), done=False, finish_reason=None),
    ],
)
async def test_where_the_list_tells_nothing_a_bad_answer_is_a_failure(answer: Answer) -> None:
    none = failure(404, {"detail": "Not Found"})
    async with FakeMistral(lambda _: answer, models=none, strict=False) as fake:
        (found,) = await check_chat_endpoint("mistral", _at(fake), ProbeCache())
    assert found.status is FAILURE
    assert found.hint


async def test_a_server_without_that_list_is_asked_for_an_answer() -> None:
    async with FakeOllama() as fake:
        (found,) = await check_chat_endpoint(
            "ollama", _at(fake, "qwen2.5-coder:7b", key=None), ProbeCache()
        )
    assert found.status is OK


_OFFERS: list[Mapping[str, Any]] = [
    {"data": [{"id": "text-embed"}, {"id": "gpt-5"}]},
    {"data": [{"id": "text-embed"}, {"id": "qwen2.5-coder-7b"}, {"id": "devstral-small"}]},
    {"data": [model_card("codestral-latest", fim=True), model_card("x", fim=False)]},
    {"data": [model_card("mistral-medium-latest", fim=False)]},
]


@pytest.mark.parametrize("provider", ["mistral", "codestral", "openai_compatible", "openrouter"])
@pytest.mark.parametrize("body", _OFFERS)
async def test_the_model_is_the_one_that_a_refactor_asks(
    provider: str, body: Mapping[str, Any]
) -> None:
    async with FakeMistral(models=Answer(body=body), key=None, strict=False) as fake:
        build = PROVIDERS[provider].build_chat
        assert build is not None
        chat = build(_at(fake))
        assert isinstance(chat, ProvidesModelInfo)
        await chat.model_info(for_fim=False)  # which learns what there is
        async for _ in chat.chat(
            ChatRequest(messages=[{"role": "user", "content": "x"}], max_tokens=1)
        ):
            pass
        await chat.close()
    asked = fake.completions[-1].body.get("model", "")
    assert resolve_chat_model(provider, "", parse_model_list(body)) == asked


async def _examined(folder: Path, environ: Mapping[str, str]) -> list[CheckResult]:
    (folder / "config.toml").touch()
    own = {"DEVSTRAL_CONFIG": str(folder / "config.toml"), "DEVSTRAL_CACHE": str(folder / "cache")}
    whole = {**own, "MISTRAL_API_KEY": KEY, **environ}
    found = [each async for each in run_checks(load_settings(folder, whole), whole, folder)]
    return [each for each in found if each.check == "chat"]


def _same_host(fake: FakeServer) -> dict[str, str]:
    return {f"DEVSTRAL_{kind}_BASE_URL": fake.url for kind in ("FIM", "CHAT")}


async def test_host_and_key_of_the_completions_are_not_asked_again(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake, FakeMistral(strict=False) as other:
        (found,) = await _examined(tmp_path, _same_host(fake))
        at_once = _paths(fake)
        fake.received.clear()
        await _examined(tmp_path, {**_same_host(fake), "DEVSTRAL_CHAT_BASE_URL": other.url})
    assert found.status is OK
    assert at_once == _paths(fake), "conversations at the same place cost no request"
    assert _paths(other) == ["/v1/models"] * 2


async def test_a_key_that_the_completions_showed_to_be_wrong_is_not_shown_again(
    tmp_path: Path,
) -> None:
    async with FakeMistral(key="another", strict=False) as fake:
        (found,) = await _examined(tmp_path, _same_host(fake))
    assert found.status is FAILURE
    assert "/v1/chat/completions" not in _paths(fake)


async def test_whoever_would_stand_in_fails_more_mildly(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake, FakeOllama() as ollama:
        rows = [{"provider": "ollama", "base_url": ollama.url, "model": "gone"}]
        environ = {**_same_host(fake), "DEVSTRAL_CHAT_FALLBACKS": json.dumps(rows)}
        first, second = await _examined(tmp_path, environ)
    assert (first.status, second.status) == (OK, WARNING)
    assert "ollama pull gone" in second.hint
    assert second.message.startswith("2. ollama at")
    assert first.message.startswith("1. mistral at")


async def test_the_only_one_has_no_number(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        (found,) = await _examined(tmp_path, _same_host(fake))
    assert found.message.startswith("mistral at")


async def test_conversations_without_a_key_of_their_own_are_told(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        environ = {"DEVSTRAL_FIM_BASE_URL": fake.url, "DEVSTRAL_CHAT_PROVIDER": "openrouter"}
        (found,) = await _examined(tmp_path, environ)
    assert found.status is WARNING
    assert "OPENROUTER_API_KEY" in found.message
