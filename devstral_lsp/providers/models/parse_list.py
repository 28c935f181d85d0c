"""Reads the lists of models that endpoints give, each in its own words.

What is looked for: ids and aliases, the context window, prices, images, retirement. Pure; nothing
here asks for a list, and what cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devstral_lsp.providers.base import Price
from devstral_lsp.providers.models.cards import ModelCard
from devstral_lsp.providers.openai_decoder import MOST_TOKENS

_CONTEXT = (
    "max_context_length",  # Mistral, LM Studio
    "max_model_len",  # vLLM
    "context_length",  # OpenRouter
    "context_window",  # Vercel's gateway
)
_MILLION = 1_000_000
_MOST_MODELS, _MOST_ALIASES, _LONGEST_NAME = 5_000, 100, 300
"""The largest gateways name some 500 models, each in fewer than 100 characters."""


def parse_model_list(body: Any) -> tuple[ModelCard, ...]:
    """The models in the body of GET /v1/models, or of Ollama's GET /api/tags."""
    return tuple(card for entry in _entries(body) if (card := _card(entry)) is not None)


def _entries(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        return []
    entries = body.get("data", body.get("models"))
    return entries[:_MOST_MODELS] if isinstance(entries, list) else []


def _card(entry: Any) -> ModelCard | None:
    if not isinstance(entry, dict):
        return None
    identity = entry.get("id", entry.get("name"))
    if not isinstance(identity, str) or len(identity) > _LONGEST_NAME:
        return None
    abilities = entry.get("capabilities")
    able = abilities if isinstance(abilities, dict) else None
    return ModelCard(
        id=identity,
        names=frozenset({identity, *_further_names(entry)}),
        fim=None if able is None else able.get("completion_fim") is True,
        chat=None if able is None else able.get("completion_chat") is True,
        vision=_sees(entry),
        context_tokens=_context_tokens(entry),
        price=_price(entry.get("pricing")),
        retires=_text(entry.get("deprecation")),
        successor=_text(entry.get("deprecation_replacement_model")),
    )


def _further_names(entry: Mapping[str, Any]) -> Iterator[str]:
    """Aliases, and at vLLM the repository that a model with a made-up name was loaded from."""
    aliases = entry.get("aliases")
    found = [*(aliases[:_MOST_ALIASES] if isinstance(aliases, list) else ()), entry.get("root")]
    return (name for name in found if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME)


def _context_tokens(entry: Mapping[str, Any]) -> int | None:
    found = (_count(entry.get(name)) for name in _CONTEXT)
    return next((tokens for tokens in found if tokens), None)


def _sees(entry: Mapping[str, Any]) -> bool:
    """Mistral says it of a capability, Ollama and llama.cpp in a list, OpenRouter by modality."""
    abilities = entry.get("capabilities")
    if isinstance(abilities, dict):
        return abilities.get("vision") is True
    if isinstance(abilities, list):
        return "vision" in abilities or "multimodal" in abilities
    architecture = entry.get("architecture")
    modalities = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    return isinstance(modalities, list) and "image" in modalities


def _price(pricing: Any) -> Price | None:
    """Dollars for one token, as text: OpenRouter's words for it, then those of Vercel's gateway."""
    if not isinstance(pricing, dict):
        return None
    prompt = _dollars(pricing.get("prompt", pricing.get("input")))
    completion = _dollars(pricing.get("completion", pricing.get("output")))
    if prompt is None or completion is None:
        return None
    cached = _dollars(pricing.get("input_cache_read"))
    return Price(prompt=prompt, completion=completion, cached=cached)


def _dollars(value: Any) -> float | None:
    """For a million tokens; None for what is no price, as -1, which says that it varies."""
    try:
        price = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return round(price * _MILLION, 6) if 0 <= price < 1 else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value <= MOST_TOKENS else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
