"""Checks one FIM endpoint: whether it is reachable, its models, its FIM strategy, its speed.

It requests the list of models and one short completion of our own text, never of the user's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.doctor.probe_cache import ProbeCache, ProbeResult
from devstral_lsp.doctor.result import CheckResult, CheckStatus
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    LOADING_TIMEOUT_S,
    Endpoint,
    FimProvider,
    FimRequest,
    ModelInfo,
    Notice,
    ProvidesModelInfo,
)
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from devstral_lsp.providers.http.base_address import BaseAddress
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.model_catalog import (
    ModelCard,
    apply_user_overrides,
    choose_model,
    find_card,
    supports_fim,
)

FIM_REQUEST = FimRequest(
    prompt="def add(a, b):\n    return ",
    suffix="\n\n\nprint(add(1, 2))\n",
    max_tokens=16,
    min_tokens=1,
    stop=("\n",),
    temperature=0.0,
    language="python",
)
_CHAT_ROUTE = "/v1/chat/completions"
_MAX_NAMED = 5
"""Models named in one sentence."""

MISTRAL_PROVIDERS = ("mistral", "codestral")
"""Providers that list for each model whether it has FIM, and have no other strategy."""


@dataclass(frozen=True, slots=True)
class TimedAnswer:
    """One answer: when its first text came and when it ended, in ms from the request."""

    text: str
    first_ms: float
    whole_ms: float
    usage: Usage | None = None


class _RecordingStrategyCache(StrategyCache):
    """Records the address and model of the last lookup."""

    def __init__(self, strategies: StrategyCache) -> None:
        super().__init__(strategies.folder)
        self.place = ("", "")

    def get(self, base_url: str, model: str) -> str | None:
        self.place = (base_url, model)
        return super().get(base_url, model)


async def check_fim_endpoint(
    provider: str, endpoint: Endpoint, strategies: StrategyCache, probes: ProbeCache
) -> AsyncGenerator[CheckResult, None]:
    """All results of one endpoint, each as soon as it is known. `probes` caches the first one."""
    probe = await probes.probe(endpoint)
    origin, failure = parse_origin(endpoint.base_url), probe.failure
    if probe.connect_ms is None:
        yield CheckResult(
            "endpoint", CheckStatus.FAILURE, f"{origin} cannot be reached", str(failure)
        )
        return
    message = (
        f"{origin}, connected in {probe.connect_ms:.0f} ms{_describe_route(endpoint.base_url)}"
    )
    yield CheckResult("endpoint", CheckStatus.OK, message)
    if failure is not None and provider in MISTRAL_PROVIDERS:
        # A warning only: models that cannot be listed may answer.
        message = "the endpoint did not list its models"
        yield CheckResult("models", CheckStatus.WARNING, message, str(failure))
    recorder = _RecordingStrategyCache(strategies)
    notices: list[Notice] = []
    own = replace(endpoint, notify=notices.append, strategy_cache=recorder)
    fim = PROVIDERS[provider].build_fim(own)
    try:
        await fim.warm()
        info = await fim.model_info(for_fim=True) if isinstance(fim, ProvidesModelInfo) else None
        if info is not None and (failure is None or provider not in MISTRAL_PROVIDERS):
            check = _check_listed_model if provider in MISTRAL_PROVIDERS else _check_unlisted_model
            yield check(endpoint.model, info, probe.models)
        completed = await _completion(fim, probe)
        for result in (*_warnings(notices), *completed, *_strategy_result(recorder)):
            yield result
    finally:
        await fim.close()


def _describe_route(base_url: str) -> str:
    """The path of chat requests, as the end of a sentence; "" if it is the usual one."""
    path = BaseAddress.of(base_url).url(_CHAT_ROUTE).split("/", 3)[-1]
    return "" if f"/{path}" == _CHAT_ROUTE else f"; chat requests go to /{path}"


def _check_listed_model(
    wanted: str, info: ModelInfo, offered: tuple[ModelCard, ...]
) -> CheckResult:
    """The model in use, if the endpoint lists which models have FIM."""
    model = wanted or choose_model(offered, for_fim=True)
    able = [card.id for card in offered if card.fim]
    card = find_card(model, offered)
    others = f"Models with FIM: {summarize_names(able)}." if able else "None of its models has FIM."
    if card is None:
        message = f"{model} is not among the {len(offered)} models that the endpoint lists"
        return CheckResult("model", CheckStatus.WARNING, message, others)
    if not supports_fim(model, offered):
        message = f"{model} has no FIM there: completions use chat, which is slower and costs more"
        return CheckResult(
            "model", CheckStatus.WARNING, message, f"{others} Choose one by fim.model."
        )
    message = f"{model}, chosen {_by(wanted)}: has FIM{_describe_info(info)}"
    return CheckResult("model", CheckStatus.OK, message)


def _check_unlisted_model(
    wanted: str, info: ModelInfo, offered: tuple[ModelCard, ...]
) -> CheckResult:
    """The model in use, if the endpoint does not list what its models can do."""
    model = info.model or "the one that the server holds"
    message = f"{model}, chosen {_by(wanted)}{_describe_info(info)}"
    names = {name for card in offered for name in card.names}
    if not wanted or not offered or wanted in names:
        return CheckResult("model", CheckStatus.OK, message)
    there = summarize_names(card.id for card in offered)
    return CheckResult(
        "model", CheckStatus.WARNING, f"{message}, is not on its list", f"Its models: {there}."
    )


def _by(wanted: str) -> str:
    return "by its setting" if wanted else "automatically"


def describe_overrides(endpoint: Endpoint) -> str:
    """The user's own values for the model at `endpoint`, as the end of a sentence; "" for none."""
    return _describe_info(apply_user_overrides(ModelInfo(model=endpoint.model), endpoint))


def _describe_info(info: ModelInfo) -> str:
    """Context window and price, as far as known, and their source."""
    parts = []
    if info.context_tokens:
        parts.append(f"context of {info.context_tokens:,} tokens")
    if info.price is not None:
        price = info.price
        parts.append(f"${price.prompt:g} in and ${price.completion:g} out per million tokens")
    return f", {', '.join(parts)} (according to {info.source})" if parts else ""


def summarize_names(names: Iterable[str]) -> str:
    """The first names in alphabetical order, and the number of the others."""
    found = sorted(names)
    more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
    return ", ".join(found[:_MAX_NAMED]) + more


async def _completion(fim: FimProvider, probe: ProbeResult) -> list[CheckResult]:
    """One timed completion, over a warm connection as in an editor."""
    began_s = time.perf_counter()
    try:
        timed = await _once_loaded(fim, began_s)
    except ProviderError as error:
        return [CheckResult("completion", CheckStatus.FAILURE, "no answer came", str(error))]
    probe.key_accepted = True
    loading_s = time.perf_counter() - began_s - timed.whole_ms / 1000
    loaded = f", once the model was loaded, in {loading_s:.0f} s" if loading_s >= 1 else ""
    if timed.text.strip():
        return [CheckResult("completion", CheckStatus.OK, f"{_times(timed)}{loaded}")]
    message = f"the answer was empty, after {timed.whole_ms:.0f} ms"
    return [CheckResult("completion", CheckStatus.WARNING, message, "Try again, or another model.")]


async def _once_loaded(fim: FimProvider, began_s: float) -> TimedAnswer:
    """A timed completion. Repeats the request while the endpoint loads its model."""
    while True:
        try:
            return await time_completion(fim, FIM_REQUEST)
        except ProviderError as error:
            if not error.is_loading or time.perf_counter() - began_s > LOADING_TIMEOUT_S:
                raise
            await asyncio.sleep(error.retry_after_s or 1.0)


def _warnings(notices: Iterable[Notice]) -> list[CheckResult]:
    return [CheckResult("completion", CheckStatus.WARNING, notice.message) for notice in notices]


def _strategy_result(recorder: _RecordingStrategyCache) -> list[CheckResult]:
    """The FIM strategy in use, where there are several, and how it was selected."""
    verdict = recorder.verdict(*recorder.place)
    if verdict is None:
        return []
    day = datetime.fromtimestamp(verdict.found_s, UTC).date()
    how = f": {verdict.how}" if verdict.how else ""
    message = f"gaps are filled by {verdict.path}{how} (selected on {day}; --forget selects again)"
    return [CheckResult("path", CheckStatus.OK, message)]


async def time_completion(provider: FimProvider, request: FimRequest) -> TimedAnswer:
    """Request a completion and time it. Raises ProviderError."""
    began_s = time.perf_counter()
    text, first_ms, usage = "", None, None
    async with aclosing(provider.fim(request)) as chunks:
        async for chunk in chunks:
            if chunk.text and first_ms is None:
                first_ms = (time.perf_counter() - began_s) * 1000
            text += chunk.text
            usage = chunk.usage or usage
    whole_ms = (time.perf_counter() - began_s) * 1000
    return TimedAnswer(text, whole_ms if first_ms is None else first_ms, whole_ms, usage)


def _times(timed: TimedAnswer) -> str:
    message = f"first text after {timed.first_ms:.0f} ms, all of it after {timed.whole_ms:.0f} ms"
    if timed.usage is None:
        return message
    return f"{message}; {timed.usage.prompt_tokens} + {timed.usage.completion_tokens} tokens"
