"""Finds model servers on this machine, at the ports that they use unless told otherwise.

Only the loopback is asked, only when the user wants it, and nothing is sent but the request for a
list of models. What is found is offered and not used.
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
"""For a connection and for an answer: on the loopback either comes at once or never."""
MAX_ASKED = 30
"""Models of one server that are looked at: an Ollama is asked about each."""


@dataclass(frozen=True, slots=True)
class UsualPlace:
    """Where a kind of server listens, and the provider that speaks its language."""

    name: str
    provider: str
    port: int


USUAL_PLACES = (
    UsualPlace("Ollama", "ollama", 11434),
    UsualPlace("LM Studio", "lmstudio", 1234),
    UsualPlace("llama.cpp", "llamacpp", 8080),
    UsualPlace("vLLM", "vllm", 8000),
)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered. `models` fill gaps; `others` are how many more it has."""

    name: str
    provider: str
    base_url: str
    models: tuple[str, ...]
    others: int = 0

    @property
    def description(self) -> str:
        """What was found there, as the end of a sentence."""
        if self.models:
            return f"{self.name} at {self.base_url} fills gaps with {summarize_names(self.models)}"
        count = "1 model" if self.others == 1 else f"{self.others or 'no'} models"
        return f"{self.name} at {self.base_url} has {count}, and none that is known to fill gaps"

    @property
    def hint(self) -> str:
        """How to complete with it, "" if that is of no use."""
        if not self.models:
            return ""
        return (
            f'To complete with it, set fim.provider to "{self.provider}", fim.base_url to '
            f'"{self.base_url}" and fim.model to "{self.models[0]}" in the user file.'
        )


async def find_local_servers(
    places: Sequence[UsualPlace] | None = None,
) -> tuple[LocalServer, ...]:
    """The servers that answer with a list of models, in the order of USUAL_PLACES, or `places`."""
    found = await asyncio.gather(*map(_ask, USUAL_PLACES if places is None else places))
    return tuple(server for server in found if server is not None)


async def _ask(place: UsualPlace) -> LocalServer | None:
    base_url = f"http://127.0.0.1:{place.port}"
    link = ConnectionOptions(connect_ms=TIMEOUT_MS, total_timeout_ms=TIMEOUT_MS)
    http = HttpClient.of(Endpoint(base_url=base_url, timeout_ms=TIMEOUT_MS, connection=link))
    try:
        body = await http.get(MODELS_PATH)
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            return None  # something else listens there
        cards = parse_model_list(body)
        asked = cards[:MAX_ASKED]
        able = [card.id for card in asked if await _fills_gaps(http, place.provider, card)]
    except ProviderError:
        return None
    finally:
        await http.close()
    return LocalServer(place.name, place.provider, base_url, tuple(able), len(cards) - len(able))


async def _fills_gaps(http: HttpClient, provider: str, card: ModelCard) -> bool:
    """As Ollama itself says of a model, else by its name."""
    if card.fim or find_template(card.id) is not None:
        return True
    if provider != "ollama":
        return False
    try:
        facts = await http.post(SHOW_PATH, {"model": card.id})
    except ProviderError:
        return False
    able = facts.get("capabilities") if isinstance(facts, dict) else None
    return isinstance(able, list) and "insert" in able
