"""The servers that the tests of this folder share: started once, used by all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, Notice, Secret
from tests.models.packages import environment
from tests.models.servers import LiteLlm, LlamaCpp, free_port, made_model
from tests.support.fake_mistral import KEY
from tests.support.installed import Unavailable

PROXY_KEY = "sk-of-the-proxy-0123456789abcdef"

MakeModel = Callable[..., Path]


class Made(Protocol):
    def __call__(self, name: str, url: str, *, key: str = ..., **endpoint: Any) -> Any: ...


@pytest.fixture
def notices() -> list[Notice]:
    """What the providers of `made` wanted the user to read."""
    return []


@pytest.fixture
async def made(notices: list[Notice]) -> AsyncIterator[Made]:
    """Makes providers of any name for a server and closes them after the test."""
    async with AsyncExitStack() as stack:

        def make(name: str, url: str, *, key: str = "", **endpoint: Any) -> Any:
            secret = Secret(key, "A_VARIABLE") if key else None
            provider = PROVIDERS[name].build_fim(
                Endpoint(base_url=url, key=secret, notify=notices.append, **endpoint)
            )
            stack.push_async_callback(provider.close)
            return provider

        yield make


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """Makes a model file: `model("qwen", endless=True)`. Its name tells the family."""
    installed("llamacpp")
    folder = tmp_path_factory.mktemp("models")
    names = {"qwen": "Qwen2.5-Coder-0.5B", "codestral": "Codestral-25.01", "chat": "Someone-3B"}

    def make(family: str, *, endless: bool = False) -> Path:
        file = folder / f"{names[family]}{'-endless' if endless else ''}.gguf"
        return file if file.exists() else made_model(file, family, endless=endless)

    return make


def installed(server: str) -> None:
    """Skip the test, loudly, where the server cannot be had."""
    try:
        environment(server)
    except Unavailable as error:
        pytest.skip(f"{server.upper()} IS NOT TESTED: {error}")


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def filling(model: MakeModel, logs: Path) -> Iterator[LlamaCpp]:
    """llama.cpp with a model that has FIM tokens."""
    with LlamaCpp(model("qwen"), logs / "filling", slots=2) as server:
        yield server


@pytest.fixture(scope="session")
def codestral(model: MakeModel, logs: Path) -> Iterator[LlamaCpp]:
    """llama.cpp with a model whose FIM tokens it does not know for what they are."""
    with LlamaCpp(model("codestral"), logs / "codestral") as server:
        yield server


@pytest.fixture(scope="session")
def chatting(model: MakeModel, logs: Path) -> Iterator[LlamaCpp]:
    """llama.cpp with a model that has no FIM tokens at all."""
    with LlamaCpp(model("chat"), logs / "chatting") as server:
        yield server


@pytest.fixture(scope="session")
def endless(model: MakeModel, logs: Path) -> Iterator[LlamaCpp]:
    """llama.cpp with a model that goes on for as long as it may: 30,000 tokens."""
    with LlamaCpp(model("qwen", endless=True), logs / "endless", window=32_000) as server:
        yield server


@pytest.fixture(scope="session")
def mistral_port() -> int:
    """Where LiteLLM looks for Mistral."""
    return free_port()


@pytest.fixture(scope="session")
def litellm(
    filling: LlamaCpp, endless: LlamaCpp, mistral_port: int, logs: Path
) -> Iterator[LiteLlm]:
    """LiteLLM's proxy in front of llama.cpp and of where a fake Mistral may be started."""
    installed("litellm")
    mistral = f"http://127.0.0.1:{mistral_port}"
    fim = f"{mistral}/v1/fim/completions"
    text, chat = "text-completion-openai/own", "openai/own"
    routes = {
        "codestral": {"model": "text-completion-codestral/codestral-latest", "api_base": fim},
        "shared": {
            "model": "text-completion-codestral/codestral-latest",
            "api_base": fim,
            "rpm": 6,
        },
        "retired": {"model": "text-completion-codestral/codestral-2405", "api_base": fim},
        "qwen2.5-coder": {"model": text, "api_base": f"{filling.url}/v1"},
        "qwen2.5-coder-endless": {"model": text, "api_base": f"{endless.url}/v1"},
        "own-chat": {"model": chat, "api_base": f"{filling.url}/v1"},
    }
    config = {
        "model_list": [
            {"model_name": name, "litellm_params": {**route, "api_key": KEY}}
            for name, route in routes.items()
        ],
        "general_settings": {"master_key": PROXY_KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "router_settings": {
            "disable_cooldowns": True,
            "optional_pre_call_checks": ["enforce_model_rate_limits"],
        },
    }
    file = logs / "litellm.yaml"
    file.write_text(json.dumps(config))  # which is YAML
    with LiteLlm(file, logs / "litellm", mistral=mistral, mistral_key=KEY) as server:
        yield server
