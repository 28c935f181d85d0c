"""Lists the models that an editor lets the user choose from: those of the endpoint in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devstral_lsp.config.keys import EditorKeyLookup, no_editor_keys
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.doctor.fim_check import MISTRAL_PROVIDERS
from devstral_lsp.doctor.probe_cache import ProbeCache
from devstral_lsp.endpoints.resolve import ResolvedProvider, chat_candidates, fim_candidates
from devstral_lsp.providers.fim.templates import find_template
from devstral_lsp.providers.model_catalog import ModelCard, lookup_model_info, retirement_notice


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that the user can choose.

    `suits` is whether it supports the use that it is chosen for, None if unknown. Prices are US
    dollars per million tokens; unknown values are None or "".
    """

    id: str
    suits: bool | None
    context_tokens: int | None
    price_prompt: float | None
    price_completion: float | None
    retirement: str


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """The models of one endpoint, suitable ones first; `failure` is why there is no list."""

    models: tuple[OfferedModel, ...] = ()
    failure: str = ""


async def list_models(
    resolved: ResolvedSettings,
    environ: Mapping[str, str],
    *,
    for_fim: bool,
    editor_keys: EditorKeyLookup = no_editor_keys,
    folders: Sequence[Path] = (),
) -> ModelOffer:
    """The models for completions, or for refactoring.

    `editor_keys` and `folders` are those of `fim_candidates`.
    """
    find = fim_candidates if for_fim else chat_candidates
    candidates = await run_in_daemon_thread(partial(find, resolved, environ, editor_keys, folders))
    chosen = next((each for each in candidates if each.endpoint is not None), None)
    if chosen is None or chosen.endpoint is None:
        notices = [notice.message for each in candidates for notice in each.notices]
        return ModelOffer(failure=notices[-1] if notices else "No endpoint is set.")
    found = await ProbeCache().probe(chosen.endpoint)
    if found.failure is not None:
        return ModelOffer(failure=str(found.failure))
    models = [_offered(card, chosen, found.models, for_fim=for_fim) for card in found.models]
    return ModelOffer(tuple(sorted(models, key=_rank)))


def _rank(model: OfferedModel) -> tuple[int, bool, str]:
    """Sorts equally suitable models: ids that always name the latest version come first."""
    suits = {True: 0, None: 1, False: 2}[model.suits]
    return suits, not model.id.endswith("latest"), model.id


def _offered(
    card: ModelCard, chosen: ResolvedProvider, cards: tuple[ModelCard, ...], *, for_fim: bool
) -> OfferedModel:
    at_mistral = chosen.provider in MISTRAL_PROVIDERS
    facts = lookup_model_info(card.id, cards, at_mistral=at_mistral)
    suits = card.fim if for_fim else card.chat
    if for_fim and suits is None and find_template(card.id) is not None:
        suits = True
    return OfferedModel(
        id=card.id,
        suits=suits,
        context_tokens=facts.context_tokens,
        price_prompt=facts.price.prompt if facts.price is not None else None,
        price_completion=facts.price.completion if facts.price is not None else None,
        retirement=retirement_notice(card.id, cards),
    )
