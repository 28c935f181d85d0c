"""Checks whom refactoring would ask: host, key and model, by the cheapest question that tells.

The list of models is free, and is enough where it names the model and is given to the key alone.
Otherwise one token of an answer is asked for, to a text of our own. Nothing here says "ok" of what
has not been asked.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace

from devstral_lsp.config.hosts import origin_of_address
from devstral_lsp.endpoint_check import ONE_WIRE, some, users_word
from devstral_lsp.endpoint_look import Look, Looks
from devstral_lsp.errors import BadReply, ProviderError
from devstral_lsp.findings import Finding, Mark
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import ChatProvider, ChatRequest, Endpoint, Finish, Notice
from devstral_lsp.providers.models import (
    AUTOMATIC,
    AUTOMATIC_FOR_CHAT,
    ModelCard,
    choose,
    preferred,
    retirement,
)

_QUESTION = ChatRequest(
    messages=({"role": "user", "content": "Answer with one word: yes."},),
    max_tokens=1,
    temperature=0.0,
)


async def check(provider: str, endpoint: Endpoint, looks: Looks) -> list[Finding]:
    """What was found of one endpoint, which is not asked again what `looks` have seen already."""
    look = await looks.at(endpoint)
    place = _place(provider, endpoint)
    if look.connect_ms is None:
        return [_failed(f"{place}: it cannot be reached", str(look.failure))]
    if look.refuses_key:
        return [_failed(f"{place}: the key was refused", str(look.failure))]
    model = model_for_chat(provider, endpoint.model, look.offered)
    card = look.card(model)
    if card is not None and card.chat is False:
        return [_failed(f"{place}: {model} holds no conversations", _others(look))]
    if card is None or not await looks.proves_key(endpoint):
        return await _asked(provider, replace(endpoint, model=model), look, place)
    return [*_retiring(model, look), _ok(f"{place}: {_named(endpoint, model)} is on its list")]


def model_for_chat(provider: str, wanted: str, offered: tuple[ModelCard, ...]) -> str:
    """The model that `provider` converses with; "" if that is for the server to say."""
    if wanted:
        return wanted
    if provider in ONE_WIRE:
        usual = AUTOMATIC_FOR_CHAT if provider == "mistral" else AUTOMATIC
        return choose(offered, for_fim=False, usual=usual)
    return preferred(offered, for_fim=False) or PROVIDERS[provider].default_model


async def _asked(provider: str, endpoint: Endpoint, look: Look, place: str) -> list[Finding]:
    """What comes of one question, where nothing less would prove that it answers."""
    build = PROVIDERS[provider].build_chat
    if build is None:
        return [_failed(f"{place}: it holds no conversations", "Choose another chat.provider.")]
    notices: list[Notice] = []
    chat = build(replace(endpoint, notify=notices.append))
    named = _named(endpoint, endpoint.model)
    try:
        whole_ms = await _answer_ms(chat)
    except ProviderError as error:
        is_listed = look.card(endpoint.model) is not None
        advice = str(error) if is_listed else f"{error} {_others(look)}".rstrip()
        return [_failed(f"{place}: {named} gave no answer", advice)]
    finally:
        await chat.close()
    told = [Finding("chat", Mark.WARNING, notice.sentence) for notice in notices]
    if look.offered and look.card(endpoint.model) is None:
        said = f"{place}: there is an answer, but {named} is not on its list"
        return [*told, Finding("chat", Mark.WARNING, said, _others(look))]
    return [*told, _ok(f"{place}: {named} answered within {whole_ms:.0f} ms")]


async def _answer_ms(chat: ChatProvider) -> float:
    """How long one token takes. Raises ProviderError, also where nothing at all is said."""
    began_s = time.perf_counter()
    text, finish = "", Finish.TRUNCATED
    async with aclosing(chat.chat(_QUESTION)) as chunks:
        async for chunk in chunks:
            text += chunk.text
            finish = chunk.finish or finish
    if not text and finish is Finish.TRUNCATED:
        raise BadReply("The answer broke off before its first word: try again.")
    return (time.perf_counter() - began_s) * 1000


def _place(provider: str, endpoint: Endpoint) -> str:
    key = f"with the key from {endpoint.key.source}" if endpoint.key else "without a key"
    return f"{provider} at {origin_of_address(endpoint.base_url)}, {key}"


def _named(endpoint: Endpoint, model: str) -> str:
    return f"{model or 'the model that the server holds'}{users_word(endpoint)}"


def _others(look: Look) -> str:
    """What could be chosen in its place; "" if that is not known."""
    able = [card.id for card in look.offered if card.chat is not False]
    return f"Set chat.model to one of: {some(able)}." if able else ""


def _retiring(model: str, look: Look) -> list[Finding]:
    told = retirement(model, look.offered)
    return [Finding("chat", Mark.WARNING, told)] if told else []


def _ok(said: str) -> Finding:
    return Finding("chat", Mark.OK, said)


def _failed(said: str, advice: str) -> Finding:
    return Finding("chat", Mark.FAILURE, said, advice)
