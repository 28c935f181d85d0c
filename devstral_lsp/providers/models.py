"""What is known about model ids: what an account offers, and what took a retired model's place.

Pure: `cards` reads the body of GET /v1/models, nothing here asks for it. A model fills in the
middle if its card says `completion_fim`; a name alone proves nothing, but no devstral model was
ever offered with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

AUTOMATIC = "codestral-latest"
"""Used for an automatic choice until, or unless, the endpoint tells what it offers."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model on offer. `names` are its id and its aliases.

    `context_tokens` bounds prompt and answer together; None if the card does not say.
    """

    id: str
    names: frozenset[str]
    fim: bool
    chat: bool
    vision: bool = False
    context_tokens: int | None = None


def cards(body: Any) -> tuple[ModelCard, ...]:
    """The models in the body of GET /v1/models; what cannot be read is left out."""
    entries = body.get("data") if isinstance(body, dict) else None
    found = (_card(entry) for entry in entries) if isinstance(entries, list) else ()
    return tuple(card for card in found if card is not None)


def _card(entry: Any) -> ModelCard | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return None
    aliases = entry.get("aliases")
    named = aliases if isinstance(aliases, list) else []
    abilities = entry.get("capabilities")
    able = abilities if isinstance(abilities, dict) else {}
    context = entry.get("max_context_length")
    return ModelCard(
        id=entry["id"],
        names=frozenset({entry["id"], *(name for name in named if isinstance(name, str))}),
        fim=able.get("completion_fim") is True,
        chat=able.get("completion_chat") is True,
        vision=able.get("vision") is True,
        context_tokens=context if isinstance(context, int) and context > 0 else None,
    )


def choose(offered: Iterable[ModelCard], *, for_fim: bool) -> str:
    """The model for an automatic choice: AUTOMATIC if it is able, else the first that is.

    Falls back to AUTOMATIC where none is able, so that the endpoint's own error tells why.
    """
    able = [card for card in offered if (card.fim if for_fim else card.chat)]
    if not able or any(AUTOMATIC in card.names for card in able):
        return AUTOMATIC
    return able[0].id


def fills_gaps(model: str, offered: Iterable[ModelCard]) -> bool | None:
    """Whether `model` has FIM: as its card says, else None for "not known"."""
    known = [card.fim for card in offered if model in card.names]
    if known:
        return any(known)
    return False if is_devstral(model) else None


def is_devstral(model: str) -> bool:
    return "devstral" in model.lower()


def successor(model: str, *, for_fim: bool) -> str:
    """What Mistral's documentation names in the place of a retired model; "" if nothing.

    For filling gaps that is always the current Codestral: the models that replaced Devstral
    (Mistral Medium 3.5 and Mistral Small 4) have no FIM either.
    """
    name = model.lower()
    if "codestral" in name or (for_fim and is_devstral(name)):
        return AUTOMATIC if name != AUTOMATIC else ""
    if not is_devstral(name):
        return ""
    return "mistral-small-latest" if "small" in name else "mistral-medium-latest"
