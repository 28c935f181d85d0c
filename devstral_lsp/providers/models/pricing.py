"""What models cost and how much they read, where the endpoint itself does not tell.

A table of what vendors publish, with its date; an endpoint's own word goes before it
(`model_list.py`), and the user's settings before both. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from devstral_lsp.providers.base import Endpoint, ModelInfo, Price, ProviderLimits
from devstral_lsp.providers.models.cards import ModelCard

AS_OF = "2026-08-21"
"""When the model cards and the pricing page of Mistral's documentation were read."""

SOURCE = f"Mistral's documentation of {AS_OF}"

SETTINGS = "your settings"
"""The source of what the user says."""

SHARE_OF_CONTEXT = 0.5
"""Of a small window, the part that a prompt may take: tokens are estimated, and the answer and the
control tokens need room as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A line of the table. `ids` must be found in an id in lower case, which may have a vendor's
    name before it."""

    ids: str
    context_tokens: int
    price: Price | None = None


_TABLE = (
    # docs.mistral.ai, model cards; the cached price is a tenth by its page on prompt caching. The
    # window is the smaller of two that Mistral states.
    CatalogEntry(ids=r"codestral-2405|codestral-22b", context_tokens=32_768),
    CatalogEntry(
        ids=r"codestral|mistral-code(-fim)?-latest",
        context_tokens=128_000,
        price=Price(0.30, 0.90, 0.03),
    ),
    CatalogEntry(ids=r"devstral-small-250[57]", context_tokens=131_072, price=Price(0.10, 0.30)),
    CatalogEntry(ids=r"devstral-medium-2507", context_tokens=131_072, price=Price(0.40, 2.00)),
    CatalogEntry(ids=r"devstral-small", context_tokens=262_144, price=Price(0.10, 0.30)),
    CatalogEntry(ids=r"devstral", context_tokens=262_144, price=Price(0.40, 2.00)),
    CatalogEntry(
        ids=r"(mistral|magistral)-medium", context_tokens=256_000, price=Price(1.50, 7.50)
    ),
    CatalogEntry(ids=r"(mistral|magistral)-small", context_tokens=256_000, price=Price(0.15, 0.60)),
)
"""Windows in tokens, prices at Mistral itself. The first line that fits counts."""


def lookup_model_info(model: str, offered: Iterable[ModelCard], *, at_mistral: bool) -> ModelInfo:
    """What is known of `model`: by its card, and at Mistral by the table where that is silent.

    Elsewhere the table says nothing: whoever runs a model decides on its window and its price.
    """
    card = next((card for card in offered if model in card.names), None)
    window = card.context_tokens if card is not None else None
    price = card.price if card is not None else None
    told = "the endpoint" if window or price else ""
    entry = _entry(model) if at_mistral else None
    if entry is None:
        return ModelInfo(model=model, context_tokens=window, price=price, source=told)
    return ModelInfo(
        model=model,
        context_tokens=window or entry.context_tokens,
        price=price or entry.price,
        source=" and ".join(filter(None, (told, SOURCE))),
    )


def apply_user_overrides(facts: ModelInfo, endpoint: Endpoint) -> ModelInfo:
    """`facts`, with what the user says of the model at `endpoint` in the place of the rest."""
    if endpoint.context_tokens is None and endpoint.price is None:
        return facts
    window_stays = endpoint.context_tokens is None and facts.context_tokens is not None
    price_stays = endpoint.price is None and facts.price is not None
    others = facts.source if window_stays or price_stays else ""
    return replace(
        facts,
        context_tokens=endpoint.context_tokens or facts.context_tokens,
        price=endpoint.price or facts.price,
        source=" and ".join(filter(None, (SETTINGS, others))),
    )


def limits_for_window(context_tokens: int | None) -> ProviderLimits:
    """The limits of a prompt for a model with this window, never above the usual ones."""
    usual = ProviderLimits()
    if context_tokens is None:
        return usual
    return ProviderLimits(
        prompt_tokens=min(usual.prompt_tokens, int(context_tokens * SHARE_OF_CONTEXT))
    )


def _entry(model: str) -> CatalogEntry | None:
    return next((each for each in _TABLE if re.search(each.ids, model.lower())), None)
