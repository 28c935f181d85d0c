"""Checks a chat endpoint, which refactoring uses: host, key and model, by the cheapest request.

The list of models is free, and sufficient if it names the model and requires the key. Otherwise one
token of an answer to a text of our own is requested. Nothing is reported as "ok" untested.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.doctor.fim_check import MISTRAL_PROVIDERS, describe_overrides, summarize_names
from devstral_lsp.doctor.probe_cache import ProbeCache, ProbeResult
from devstral_lsp.doctor.result import CheckResult, CheckStatus
from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import ChatProvider, ChatRequest, Endpoint, FinishReason, Notice
from devstral_lsp.providers.model_catalog import (
    DEFAULT_CHAT_MODEL,
    DEFAULT_FIM_MODEL,
    ModelCard,
    choose_model,
    preferred_model,
    retirement_notice,
)

_REQUEST = ChatRequest(
    messages=({"role": "user", "content": "Answer with one word: yes."},),
    max_tokens=1,
    temperature=0.0,
)


async def check_chat_endpoint(
    provider: str, endpoint: Endpoint, probes: ProbeCache
) -> list[CheckResult]:
    """The results for one endpoint. `probes` caches its list of models."""
    probe = await probes.probe(endpoint)
    place = _place(provider, endpoint)
    if probe.connect_ms is None:
        return [_failed(f"{place}: it cannot be reached", str(probe.failure))]
    if probe.refuses_key:
        return [_failed(f"{place}: the key was refused", str(probe.failure))]
    model = resolve_chat_model(provider, endpoint.model, probe.models)
    card = probe.card(model)
    if card is not None and card.chat is False:
        return [_failed(f"{place}: {model} does not support chat", _others(probe))]
    if card is None or not await probes.key_is_verified(endpoint):
        return await _request_answer(provider, replace(endpoint, model=model), probe, place)
    return [*_retiring(model, probe), _ok(f"{place}: {_named(endpoint, model)} is on its list")]


def resolve_chat_model(provider: str, wanted: str, offered: tuple[ModelCard, ...]) -> str:
    """The model that `provider` chats with; "" if the server decides."""
    if wanted:
        return wanted
    if provider in MISTRAL_PROVIDERS:
        usual = DEFAULT_CHAT_MODEL if provider == "mistral" else DEFAULT_FIM_MODEL
        return choose_model(offered, for_fim=False, usual=usual)
    return preferred_model(offered, for_fim=False) or PROVIDERS[provider].default_model


async def _request_answer(
    provider: str, endpoint: Endpoint, probe: ProbeResult, place: str
) -> list[CheckResult]:
    """The results of requesting an answer, where the list of models proves too little."""
    build = PROVIDERS[provider].build_chat
    if build is None:
        return [_failed(f"{place}: it does not support chat", "Choose another chat.provider.")]
    notices: list[Notice] = []
    chat = build(replace(endpoint, notify=notices.append))
    named = _named(endpoint, endpoint.model)
    try:
        whole_ms = await _answer_ms(chat)
    except ProviderError as error:
        is_listed = probe.card(endpoint.model) is not None
        hint = str(error) if is_listed else f"{error} {_others(probe)}".rstrip()
        return [_failed(f"{place}: {named} gave no answer", hint)]
    finally:
        await chat.close()
    warnings = [CheckResult("chat", CheckStatus.WARNING, notice.message) for notice in notices]
    if probe.models and probe.card(endpoint.model) is None:
        message = f"{place}: there is an answer, but {named} is not on its list"
        return [*warnings, CheckResult("chat", CheckStatus.WARNING, message, _others(probe))]
    return [*warnings, _ok(f"{place}: {named} answered within {whole_ms:.0f} ms")]


async def _answer_ms(chat: ChatProvider) -> float:
    """The time for one token in ms. Raises ProviderError, also for an answer without any."""
    began_s = time.perf_counter()
    text, finish = "", FinishReason.INCOMPLETE
    async with aclosing(chat.chat(_REQUEST)) as chunks:
        async for chunk in chunks:
            text += chunk.text
            finish = chunk.finish or finish
    if not text and finish is FinishReason.INCOMPLETE:
        raise InvalidResponse("The answer ended before its first token: try again.")
    return (time.perf_counter() - began_s) * 1000


def _place(provider: str, endpoint: Endpoint) -> str:
    key = f"with the key from {endpoint.key.source}" if endpoint.key else "without a key"
    return f"{provider} at {parse_origin(endpoint.base_url)}, {key}"


def _named(endpoint: Endpoint, model: str) -> str:
    return f"{model or 'the model that the server holds'}{describe_overrides(endpoint)}"


def _others(probe: ProbeResult) -> str:
    """A hint that names other models to choose; "" if none is known."""
    able = [card.id for card in probe.models if card.chat is not False]
    return f"Set chat.model to one of: {summarize_names(able)}." if able else ""


def _retiring(model: str, probe: ProbeResult) -> list[CheckResult]:
    notice = retirement_notice(model, probe.models)
    return [CheckResult("chat", CheckStatus.WARNING, notice)] if notice else []


def _ok(message: str) -> CheckResult:
    return CheckResult("chat", CheckStatus.OK, message)


def _failed(message: str, hint: str) -> CheckResult:
    return CheckResult("chat", CheckStatus.FAILURE, message, hint)
