"""What is known about models by their ids: which to choose, what replaces them, size and price.

At Mistral a model fills gaps if its card says `completion_fim`; a name proves nothing, but no
devstral model was ever offered with it. The table of context windows and prices holds what Mistral
publishes; the endpoint's own list takes precedence over it, and the user's settings over both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from devstral_lsp.providers.base import Endpoint, ModelInfo
from devstral_lsp.providers.metering import Price, ProviderLimits

DEFAULT_FIM_MODEL = "codestral-latest"
"""The automatic choice until, or unless, the endpoint lists its models."""
DEFAULT_CHAT_MODEL = "mistral-medium-latest"
"""The same for chat, where the endpoint offers more than Codestral. Mistral retired its devstral
ids by 31 July 2026 and names Medium 3.5 as their replacement."""

_FOR_GAPS = ("codestral", r"coder|starcoder|code-?gemma|granite.{0,80}code", "devstral")
_FOR_CHAT = ("devstral", "codestral", "coder", "mistral")
_MOMENT = re.compile(r"[\d:.TZ+ -]{4,40}")
_ID = re.compile(r"[A-Za-z0-9._:/-]{1,80}")
_NO_TEXT = re.compile(r"embed|rerank|whisper|tts|moderation|ocr|image|guard")

AS_OF = "2026-08-21"
"""When the model cards and the pricing page of Mistral's documentation were read."""

SOURCE = f"Mistral's documentation of {AS_OF}"

SETTINGS = "your settings"
"""The source of what the user configured."""

PROMPT_SHARE = 0.5
"""The part of a small window that a prompt may take: token counts are estimates, and the answer and
the control tokens need room as well."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model on offer. `names` are its id, its aliases and what else the server calls it.

    `fim` and `chat` are None where the endpoint does not say. `context_tokens` bounds prompt and
    answer together. `retires` is a date as the endpoint writes it, `successor` an id; both are ""
    if it names none.
    """

    id: str
    names: frozenset[str]
    fim: bool | None = None
    chat: bool | None = None
    vision: bool = False
    context_tokens: int | None = None
    price: Price | None = None
    retires: str = ""
    successor: str = ""


def find_card(model: str, cards: Iterable[ModelCard]) -> ModelCard | None:
    """The card of `model`, by any of its names."""
    return next((card for card in cards if model in card.names), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CatalogRow:
    """`ids` is searched in a lower-case model id, which may begin with a vendor's name."""

    ids: str
    context_tokens: int
    price: Price | None = None


_TABLE = (
    # docs.mistral.ai, model cards; the cached price is a tenth by its page on prompt caching. The
    # window is the smaller of two that Mistral states.
    _CatalogRow(ids=r"codestral-2405|codestral-22b", context_tokens=32_768),
    _CatalogRow(
        ids=r"codestral|mistral-code(-fim)?-latest",
        context_tokens=128_000,
        price=Price(0.30, 0.90, 0.03),
    ),
    _CatalogRow(ids=r"devstral-small-250[57]", context_tokens=131_072, price=Price(0.10, 0.30)),
    _CatalogRow(ids=r"devstral-medium-2507", context_tokens=131_072, price=Price(0.40, 2.00)),
    _CatalogRow(ids=r"devstral-small", context_tokens=262_144, price=Price(0.10, 0.30)),
    _CatalogRow(ids=r"devstral", context_tokens=262_144, price=Price(0.40, 2.00)),
    _CatalogRow(ids=r"(mistral|magistral)-medium", context_tokens=256_000, price=Price(1.50, 7.50)),
    _CatalogRow(ids=r"(mistral|magistral)-small", context_tokens=256_000, price=Price(0.15, 0.60)),
)
"""Windows in tokens, prices at Mistral itself. The first matching row counts."""


def preferred_model(offered: Iterable[ModelCard], *, for_fim: bool) -> str:
    """The automatic choice where only names are known; "" if there is no model."""
    ids = [card.id for card in offered if not _NO_TEXT.search(card.id.lower())]
    for wanted in _FOR_GAPS if for_fim else _FOR_CHAT:
        if found := next((name for name in ids if re.search(wanted, name.lower())), None):
            return found
    return ids[0] if ids else ""


def choose_model(
    offered: Iterable[ModelCard], *, for_fim: bool, usual: str = DEFAULT_FIM_MODEL
) -> str:
    """The automatic choice: `usual` if it is capable, else DEFAULT_FIM_MODEL, else another.

    Returns `usual` if no model is capable, so that the endpoint's own error says why.
    """
    able = [card for card in offered if (card.fim if for_fim else card.chat)]
    for model in (usual, DEFAULT_FIM_MODEL):
        if not able or any(model in card.names for card in able):
            return model
    return preferred_model(able, for_fim=for_fim) or able[0].id


def supports_fim(model: str, offered: Iterable[ModelCard]) -> bool | None:
    """Whether `model` has FIM: as its card says, else None for "not known"."""
    known = [card.fim for card in offered if model in card.names and card.fim is not None]
    if known:
        return any(known)
    return False if is_devstral(model) else None


def retirement_notice(model: str, offered: Iterable[ModelCard]) -> str:
    """The sentence about a model whose card announces its retirement, else ""."""
    card = next((card for card in offered if model in card.names and card.retires), None)
    return retirement_sentence(model, card.retires, card.successor) if card is not None else ""


def retirement_sentence(model: str, moment: str, successor: str = "") -> str:
    """The sentence about a model that retires at `moment`, as the endpoint writes it."""
    at = f" on {moment}" if _MOMENT.fullmatch(moment) else " soon"
    known = successor if _ID.fullmatch(successor) else replacement_model(model, for_fim=False)
    return (
        f"The model {model} will be retired{at}: {f'use {known}' if known else 'choose another'}."
    )


def is_devstral(model: str) -> bool:
    return "devstral" in model.lower()


def replacement_model(model: str, *, for_fim: bool) -> str:
    """The successor that Mistral's documentation names for a retired model; "" if none.

    For filling gaps that is always the current Codestral: the models that replaced Devstral
    (Mistral Medium 3.5 and Mistral Small 4) have no FIM either.
    """
    name = model.lower()
    if "codestral" in name or (for_fim and is_devstral(name)):
        return DEFAULT_FIM_MODEL if name != DEFAULT_FIM_MODEL else ""
    if not is_devstral(name):
        return ""
    return "mistral-small-latest" if "small" in name else "mistral-medium-latest"


def lookup_model_info(model: str, offered: Iterable[ModelCard], *, at_mistral: bool) -> ModelInfo:
    """What is known about `model`: from its card, and at Mistral from the table for the rest.

    Elsewhere the table does not apply: each operator decides on window and price.
    """
    card = find_card(model, offered)
    window = card.context_tokens if card is not None else None
    price = card.price if card is not None else None
    source = "the endpoint" if window or price else ""
    name = model.lower()
    rows = _TABLE if at_mistral else ()
    entry = next((row for row in rows if re.search(row.ids, name)), None)
    if entry is None:
        return ModelInfo(model=model, context_tokens=window, price=price, source=source)
    return ModelInfo(
        model=model,
        context_tokens=window or entry.context_tokens,
        price=price or entry.price,
        source=" and ".join(filter(None, (source, SOURCE))),
    )


def apply_user_overrides(facts: ModelInfo, endpoint: Endpoint) -> ModelInfo:
    """`facts`, overridden by what the user configured for the model at `endpoint`."""
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


MAX_CONTEXT_TOKENS = 1_000_000_000
"""A server may say any number, and one of hundreds of digits has no float."""


def limits_for_window(context_tokens: int | None) -> ProviderLimits:
    """The limits of a prompt for a model with this window, never above the default ones."""
    default = ProviderLimits()
    if context_tokens is None:
        return default
    return ProviderLimits(
        prompt_tokens=min(
            default.prompt_tokens, int(min(context_tokens, MAX_CONTEXT_TOKENS) * PROMPT_SHARE)
        )
    )
