"""What is known about model ids: what an account offers, and what took a retired model's place.

Pure: `cards` (in `model_list.py`) reads a list of models, nothing here asks for one. At Mistral a
model fills in the middle if its card says `completion_fim`; a name alone proves nothing, but no
devstral model was ever offered with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from devstral_lsp.providers.base import Price

DEFAULT_FIM_MODEL = "codestral-latest"
"""Used for an automatic choice until, or unless, the endpoint tells what it offers."""
DEFAULT_CHAT_MODEL = "mistral-medium-latest"
"""The same for conversations, where more than Codestral is to be had. Mistral retired its devstral
ids by 31 July 2026 and names Medium 3.5 as their replacement."""


_FOR_GAPS = ("codestral", r"coder|starcoder|code-?gemma|granite.{0,80}code", "devstral")
_FOR_CHAT = ("devstral", "codestral", "coder", "mistral")
_MOMENT = re.compile(r"[\d:.TZ+ -]{4,40}")
_ID = re.compile(r"[A-Za-z0-9._:/-]{1,80}")
_NO_TEXT = re.compile(r"embed|rerank|whisper|tts|moderation|ocr|image|guard")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model on offer. `names` are its id, its aliases and what else the server calls it.

    `fim` and `chat` are None where the endpoint does not tell. `context_tokens` bounds prompt and
    answer together. `is_retiring` is a moment as the endpoint writes it, `replacement_model` an id;
    both "" if it names none.
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


def preferred_model(offered: Iterable[ModelCard], *, for_fim: bool) -> str:
    """The model for an automatic choice where names are all there is to go by; "" if none is."""
    ids = [card.id for card in offered if not _NO_TEXT.search(card.id.lower())]
    for wanted in _FOR_GAPS if for_fim else _FOR_CHAT:
        if found := next((name for name in ids if re.search(wanted, name.lower())), None):
            return found
    return ids[0] if ids else ""


def choose_model(
    offered: Iterable[ModelCard], *, for_fim: bool, usual: str = DEFAULT_FIM_MODEL
) -> str:
    """The model for an automatic choice: `usual` if it is able, else AUTOMATIC, else another.

    Falls back to `usual` where none is able, so that the endpoint's own error tells why.
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
    """What to tell of a model whose card says that it goes; "" if it says nothing of the kind."""
    card = next((card for card in offered if model in card.names and card.retires), None)
    if card is None:
        return ""
    return is_retiring(model, card.retires, card.successor)


def is_retiring(model: str, moment: str, heir: str = "") -> str:
    """The sentence for a model that goes at `moment`, which is as the endpoint writes it."""
    at = f" on {moment}" if _MOMENT.fullmatch(moment) else " soon"
    known = heir if _ID.fullmatch(heir) else replacement_model(model, for_fim=False)
    return (
        f"The model {model} will be retired{at}: {f'use {known}' if known else 'choose another'}."
    )


def is_devstral(model: str) -> bool:
    return "devstral" in model.lower()


def replacement_model(model: str, *, for_fim: bool) -> str:
    """What Mistral's documentation names in the place of a retired model; "" if nothing.

    For filling gaps that is always the current Codestral: the models that replaced Devstral
    (Mistral Medium 3.5 and Mistral Small 4) have no FIM either.
    """
    name = model.lower()
    if "codestral" in name or (for_fim and is_devstral(name)):
        return DEFAULT_FIM_MODEL if name != DEFAULT_FIM_MODEL else ""
    if not is_devstral(name):
        return ""
    return "mistral-small-latest" if "small" in name else "mistral-medium-latest"
