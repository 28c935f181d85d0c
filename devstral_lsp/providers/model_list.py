"""The models that an endpoint offers: fetches the list once, and reads it in every vendor's format.

Read are ids and aliases, the context window, prices, image support and retirement; what cannot be
read is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from devstral_lsp.errors import (
    EndpointUnreachable,
    InvalidRequest,
    InvalidResponse,
    ProviderError,
    Unauthorized,
)
from devstral_lsp.providers.http.cancellation import result_of
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.http.error_mapping import is_unknown_route
from devstral_lsp.providers.metering import Price
from devstral_lsp.providers.model_catalog import ModelCard, find_card
from devstral_lsp.providers.openai_decoder import MAX_TOKENS

MODELS_PATH = "/v1/models"
LIST_TIMEOUT_S = 10.0
"""The list is only a hint: after this time it counts as unavailable."""

_CONTEXT = (
    "max_context_length",  # Mistral, LM Studio
    "max_model_len",  # vLLM
    "context_length",  # OpenRouter
    "context_window",  # Vercel's gateway
)
_MILLION = 1_000_000
_MAX_MODELS, _MAX_ALIASES, _MAX_NAME_LENGTH = 5_000, 100, 300
"""The largest gateways name some 500 models, each in fewer than 100 characters."""


class ModelList:
    """The models of one endpoint, fetched once for all callers that wait at the same time.

    If the list cannot be fetched (a 404, no network), `cards` stays empty and `failure` says why.
    Unless the endpoint refused, the next `fetch` asks again.
    """

    def __init__(self, http: HttpClient, path: str = MODELS_PATH) -> None:
        self.cards: tuple[ModelCard, ...] = ()
        self.failure: ProviderError | None = None
        """The error of the last attempt."""
        self._http = http
        self._path = path
        self._asking: asyncio.Task[None] | None = None

    def card(self, model: str) -> ModelCard | None:
        """The card of `model`, None if it is not on the list."""
        return find_card(model, self.cards)

    async def fetch(self) -> None:
        """Wait until the list has been fetched or has failed. Raises only CancelledError."""
        if self.cards or self._is_refused():
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._fetch(), name="list models")
        with suppress(EndpointUnreachable):
            await self._http.with_timeout(result_of(self._asking))

    def forget(self) -> None:
        """Fetch again next time: a model of the list turned out to be gone."""
        self.cards, self.failure = (), None

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _is_refused(self) -> bool:
        failure = self.failure
        if failure is None:
            return False
        return isinstance(failure, Unauthorized | InvalidRequest) or is_unknown_route(failure)

    async def _fetch(self) -> None:
        self.failure = None
        try:
            async with asyncio.timeout(LIST_TIMEOUT_S):
                answer = await self._http.get(self._path)
            self.cards = parse_model_list(answer)
            if not isinstance(answer, dict):
                self.failure = InvalidResponse("The endpoint's list of models cannot be read.")
        except TimeoutError:
            return
        except ProviderError as error:
            self.failure = error


def parse_model_list(body: Any) -> tuple[ModelCard, ...]:
    """The models in the body of GET /v1/models, or of Ollama's GET /api/tags."""
    return tuple(card for entry in _entries(body) if (card := _card(entry)) is not None)


def _entries(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        return []
    entries = body.get("data", body.get("models"))
    return entries[:_MAX_MODELS] if isinstance(entries, list) else []


def _card(entry: Any) -> ModelCard | None:
    if not isinstance(entry, dict):
        return None
    identity = entry.get("id", entry.get("name"))
    if not isinstance(identity, str) or len(identity) > _MAX_NAME_LENGTH:
        return None
    abilities = entry.get("capabilities")
    able = abilities if isinstance(abilities, dict) else None
    return ModelCard(
        id=identity,
        names=frozenset({identity, *_further_names(entry)}),
        fim=None if able is None else able.get("completion_fim") is True,
        chat=None if able is None else able.get("completion_chat") is True,
        vision=_has_vision(entry),
        context_tokens=_context_tokens(entry),
        price=_price(entry.get("pricing")),
        retires=_text(entry.get("deprecation")),
        successor=_text(entry.get("deprecation_replacement_model")),
    )


def _further_names(entry: Mapping[str, Any]) -> Iterator[str]:
    """Aliases, and at vLLM the repository from which a model with a custom name was loaded."""
    aliases = entry.get("aliases")
    found = [*(aliases[:_MAX_ALIASES] if isinstance(aliases, list) else ()), entry.get("root")]
    return (name for name in found if isinstance(name, str) and 0 < len(name) <= _MAX_NAME_LENGTH)


def _context_tokens(entry: Mapping[str, Any]) -> int | None:
    found = (_count(entry.get(name)) for name in _CONTEXT)
    return next((tokens for tokens in found if tokens), None)


def _has_vision(entry: Mapping[str, Any]) -> bool:
    """Mistral has a capability flag, Ollama and llama.cpp a list, Vercel's gateway tags, OpenRouter
    and llama.cpp's router modalities."""
    abilities, architecture = entry.get("capabilities"), entry.get("architecture")
    if isinstance(abilities, dict):
        return abilities.get("vision") is True
    within = architecture if isinstance(architecture, dict) else {}
    lists = (abilities, entry.get("tags"), within.get("input_modalities"))
    named = {each for given in lists if isinstance(given, list) for each in map(str, given)}
    return not named.isdisjoint({"vision", "multimodal", "image"})


def _price(pricing: Any) -> Price | None:
    """Dollars per token, as text: OpenRouter's names for it, then those of Vercel's gateway."""
    if not isinstance(pricing, dict):
        return None
    prompt = _dollars(pricing.get("prompt", pricing.get("input")))
    completion = _dollars(pricing.get("completion", pricing.get("output")))
    if prompt is None or completion is None:
        return None
    cached = _dollars(pricing.get("input_cache_read"))
    return Price(prompt=prompt, completion=completion, cached=cached)


def _dollars(value: Any) -> float | None:
    """Dollars per million tokens; None for no price, such as -1 for one that varies."""
    try:
        price = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return round(price * _MILLION, 6) if 0 <= price < 1 else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value <= MAX_TOKENS else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
