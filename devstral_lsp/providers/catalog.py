"""What models cost and how much they read, where the endpoint itself does not tell.

A table of what vendors publish, with its date; an endpoint's own word goes before it
(`model_list.py`), and the user's settings before both. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from devstral_lsp.providers.base import Limits
from devstral_lsp.providers.models import ModelCard, Price

AS_OF = "2026-08-21"
"""When the model cards and the pricing page of Mistral's documentation were read."""

SHARE_OF_CONTEXT = 0.5
"""Of a small window, the part that a prompt may take: tokens are estimated, and the answer and the
control tokens need room as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the table. `ids` must be found in an id in lower case, which may have a vendor's
    name before it."""

    ids: str
    context_tokens: int
    price: Price | None = None


_TABLE = (
    # docs.mistral.ai, model cards; the cached price is a tenth by its page on prompt caching. The
    # window is the smaller of two that Mistral states.
    Entry(ids=r"codestral-2405|codestral-22b", context_tokens=32_768),
    Entry(
        ids=r"codestral|mistral-code(-fim)?-latest",
        context_tokens=128_000,
        price=Price(0.30, 0.90, 0.03),
    ),
    Entry(ids=r"devstral-small-250[57]", context_tokens=131_072, price=Price(0.10, 0.30)),
    Entry(ids=r"devstral-medium-2507", context_tokens=131_072, price=Price(0.40, 2.00)),
    Entry(ids=r"devstral-small", context_tokens=262_144, price=Price(0.10, 0.30)),
    Entry(ids=r"devstral", context_tokens=262_144, price=Price(0.40, 2.00)),
    Entry(ids=r"(mistral|magistral)-medium", context_tokens=256_000, price=Price(1.50, 7.50)),
    Entry(ids=r"(mistral|magistral)-small", context_tokens=256_000, price=Price(0.15, 0.60)),
)
"""Windows in tokens, prices at Mistral itself. The first line that fits counts."""


def price_of(model: str, offered: Iterable[ModelCard], *, at_mistral: bool) -> Price | None:
    """What `model` costs: as its card says, else at Mistral as the table does, else unknown."""
    told = [card.price for card in offered if model in card.names and card.price is not None]
    if told:
        return told[0]
    entry = _entry(model) if at_mistral else None
    return entry.price if entry is not None else None


def context_tokens_of(model: str, offered: Iterable[ModelCard]) -> int | None:
    """The window of `model`: as its card says, else as the table does, else None."""
    told = [each.context_tokens for each in offered if model in each.names and each.context_tokens]
    if told:
        return told[0]
    entry = _entry(model)
    return entry.context_tokens if entry is not None else None


def limits_within(context_tokens: int | None) -> Limits:
    """The limits of a prompt for a model with this window, never above the usual ones."""
    usual = Limits()
    if context_tokens is None:
        return usual
    return Limits(prompt_tokens=min(usual.prompt_tokens, int(context_tokens * SHARE_OF_CONTEXT)))


def _entry(model: str) -> Entry | None:
    return next((each for each in _TABLE if re.search(each.ids, model.lower())), None)
