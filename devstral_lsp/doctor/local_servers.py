"""Finds model servers on this machine, at their default ports.

Connects to the loopback only, only when the user wants it, and requests only lists of models and
what a model can do. The servers found are suggested to the user, and not used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.doctor.fim_check import summarize_names
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import ConnectionOptions, Endpoint
from devstral_lsp.providers.fim.templates import find_template
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.model_catalog import ModelCard
from devstral_lsp.providers.model_list import MODELS_PATH, parse_model_list

SHOW_PATH = "/api/show"
TIMEOUT_MS = 2000
"""For a connection and for an answer: on the loopback, both take a moment or never come."""
MAX_MODELS = 30
"""Models of one server that are checked: Ollama takes one request for each."""


@dataclass(frozen=True, slots=True)
class DefaultPort:
    """The port at which a kind of server listens, and the provider for its API."""

    name: str
    provider: str
    port: int


DEFAULT_PORTS = (
    DefaultPort("Ollama", "ollama", 11434),
    DefaultPort("LM Studio", "lmstudio", 1234),
    DefaultPort("llama.cpp", "llamacpp", 8080),
    DefaultPort("vLLM", "vllm", 8000),
)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered. `models` support FIM; `others` is the number of its other models."""

    name: str
    provider: str
    base_url: str
    models: tuple[str, ...]
    others: int = 0

    @property
    def description(self) -> str:
        """What was found there, as the end of a sentence."""
        if self.models:
            return (
                f"{self.name} at {self.base_url} can complete with {summarize_names(self.models)}"
            )
        count = "1 model" if self.others == 1 else f"{self.others or 'no'} models"
        return f"{self.name} at {self.base_url} has {count}, none of which is known to complete"

    @property
    def hint(self) -> str:
        """How to complete with it; "" if it cannot."""
        if not self.models:
            return ""
        return (
            f'To complete with it, set fim.provider to "{self.provider}", fim.base_url to '
            f'"{self.base_url}" and fim.model to "{self.models[0]}" in the user file.'
        )


async def find_local_servers(
    ports: Sequence[DefaultPort] | None = None,
) -> tuple[LocalServer, ...]:
    """The servers that answer with a list of models, in the order of `ports` (DEFAULT_PORTS)."""
    found = await asyncio.gather(*map(_find_server, DEFAULT_PORTS if ports is None else ports))
    return tuple(server for server in found if server is not None)


async def _find_server(kind: DefaultPort) -> LocalServer | None:
    base_url = f"http://127.0.0.1:{kind.port}"
    options = ConnectionOptions(connect_ms=TIMEOUT_MS, total_timeout_ms=TIMEOUT_MS)
    http = HttpClient.of(Endpoint(base_url=base_url, timeout_ms=TIMEOUT_MS, connection=options))
    try:
        body = await http.get(MODELS_PATH)
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            return None  # another program's port
        cards = parse_model_list(body)
        able = [
            card.id for card in cards[:MAX_MODELS] if await _supports_fim(http, kind.provider, card)
        ]
    except ProviderError:
        return None
    finally:
        await http.close()
    return LocalServer(kind.name, kind.provider, base_url, tuple(able), len(cards) - len(able))


async def _supports_fim(http: HttpClient, provider: str, card: ModelCard) -> bool:
    """Whether a model supports FIM, by its name or by the capabilities that Ollama reports."""
    if card.fim or find_template(card.id) is not None:
        return True
    if provider != "ollama":
        return False
    try:
        info = await http.post(SHOW_PATH, {"model": card.id})
    except ProviderError:
        return False
    capabilities = info.get("capabilities") if isinstance(info, dict) else None
    return isinstance(capabilities, list) and "insert" in capabilities
