"""Checks all that a completion needs, in order: versions, settings, key, endpoint, model, `local`.

Each check gives one `Finding`, with what to do where something is wrong. It asks the endpoint for
its list of models and for one short completion of our own text, never of the user's. Who shows the
findings, and how, is not known here.
"""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import Enum
from importlib.metadata import version
from pathlib import Path

from devstral_lsp import __version__
from devstral_lsp.config.hosts import origin_of_address
from devstral_lsp.config.layers import Resolved
from devstral_lsp.config.schema import SETTINGS
from devstral_lsp.config.sources import PROJECT_FILE, user_file_path
from devstral_lsp.endpoint import NO_KEY, Chosen, choose_fim
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    Endpoint,
    FimProvider,
    FimRequest,
    Learner,
    Notice,
    Usage,
)
from devstral_lsp.providers.models import ModelCard, choose, fills_gaps

_LIBRARIES = ("pygls", "lsprotocol", "httpx")
_QUESTION = FimRequest(
    prompt="def add(a, b):\n    return ",
    suffix="\n\n\nprint(add(1, 2))\n",
    max_tokens=16,
    min_tokens=1,
    stop=("\n",),
    temperature=0.0,
    language="python",
)
_KNOWN_CODE = "".join(
    f"def {name}(width, height):\n"
    "    if width < 0 or height < 0:\n"
    '        raise ValueError("a side is negative")\n'
    "    return width * height\n\n\n"
    for name in ("area", "wall", "roof", "floor")
)
_LOCAL_QUESTION = FimRequest(
    prompt=_KNOWN_CODE.removesuffix("height\n\n\n"),
    suffix="\n",
    max_tokens=16,
    language="python",
)
_MOST_NAMED = 5
"""Models named in one sentence."""


class Mark(Enum):
    """How a check went. A warning is something that works, but not as it might be wished."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it, empty if nothing. Holds no key."""

    check: str
    mark: Mark
    said: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer: when its first text came and when it ended, in ms from the request."""

    text: str
    first_ms: float
    whole_ms: float
    usage: Usage | None = None


async def examine(
    resolved: Resolved, environ: Mapping[str, str], folder: Path
) -> AsyncGenerator[Finding, None]:
    """All findings, each as soon as it is known. `folder` is where the project file would stand."""
    yield _versions()
    for finding in _settings(resolved, environ, folder):
        yield finding
    chosen = await asyncio.to_thread(choose_fim, resolved, environ)
    yield _provider(chosen, resolved)
    for finding in _key(chosen, resolved.settings.fim.api_key_env):
        yield finding
    if chosen.endpoint is not None:
        async with aclosing(_endpoint(chosen.provider, chosen.endpoint)) as findings:
            async for finding in findings:
                yield finding
    yield await _local(resolved, alone=chosen.endpoint is None)


def _versions() -> Finding:
    libraries = (f"{name} {version(name)}" for name in _LIBRARIES)
    python = f"Python {platform.python_version()}"
    said = ", ".join([f"devstral-lsp {__version__}", python, *libraries, platform.platform()])
    return Finding("versions", Mark.OK, said)


def _settings(resolved: Resolved, environ: Mapping[str, str], folder: Path) -> Iterator[Finding]:
    """Where settings come from, and each entry that was left out."""
    variables = [each.variable for each in SETTINGS.values() if environ.get(each.variable)]
    places = [
        _file("user file", user_file_path(environ)),
        _file("project file", folder / PROJECT_FILE),
        f"environment: {', '.join(variables) if variables else 'nothing set'}",
    ]
    yield Finding("settings", Mark.OK, "; ".join(places))
    for problem in resolved.problems:
        yield Finding("settings", Mark.WARNING, problem.sentence)
    if not resolved.settings.completion.enabled:
        layer = resolved.origins["completion.enabled"].value
        said = f"completion.enabled is false ({layer}), so that nothing is offered"
        yield Finding("settings", Mark.WARNING, said)


def _file(name: str, path: Path) -> str:
    return f"{name} {path}" if os.path.exists(path) else f"no {name} (would be {path})"


def _provider(chosen: Chosen, resolved: Resolved) -> Finding:
    fim = resolved.settings.fim
    deciding = {"fim.provider": fim.provider != "auto", "fim.base_url": bool(fim.base_url)}
    named = [
        f"{key} is set ({resolved.origins[key].value})"
        for key, is_set in deciding.items()
        if is_set
    ]
    if named:
        why = " and ".join(named)
    elif chosen.provider == "local":
        why = "there is no key for any other"
    else:
        why = "there is a key for it"
    return Finding("provider", Mark.OK, f"{chosen.provider}, since {why}")


def _key(chosen: Chosen, variable: str) -> Iterator[Finding]:
    """Where the key was found, and whether it may go where it is needed.

    `variable` is the one that the settings name, empty if none.
    """
    for notice in chosen.notices:
        if notice != NO_KEY:
            refused = chosen.endpoint is None and notice is chosen.notices[-1]
            yield Finding("key", Mark.FAILURE if refused else Mark.WARNING, notice.sentence)
    if NO_KEY in chosen.notices:
        yield _no_key(chosen.provider, variable)
    if chosen.endpoint is not None:
        origin = origin_of_address(chosen.endpoint.base_url)
        if chosen.endpoint.key is None:
            yield Finding("key", Mark.OK, f"none is sent to {origin}")
        else:
            yield Finding("key", Mark.OK, f"from {chosen.endpoint.key.source}, sent to {origin}")


def _no_key(provider: str, variable: str) -> Finding:
    owners = [PROVIDERS[provider]] if provider != "local" else list(PROVIDERS.values())
    variables = [name for owner in owners for name in owner.key_variables]
    looked = dict.fromkeys([variable, *variables] if variable else variables)
    return Finding(
        "key",
        Mark.WARNING,
        f"none in {' or '.join(looked)}, by a command or in the keyring, so that only "
        "`local` can complete, from your own code",
        f"Make a key in Mistral's console, then set {' or '.join(variables)} where your editor "
        "starts, or name a command that prints it as fim.api_key_command in the user file. "
        f'In the keyring (with the "keyring" extra) the service is devstral-lsp and the user name '
        f"{' or '.join(owner.name for owner in owners if owner.key_variables)}.",
    )


async def _endpoint(provider: str, endpoint: Endpoint) -> AsyncGenerator[Finding, None]:
    """Reachable? Which models? Does a completion come, and how fast?"""
    from devstral_lsp.providers.probe import Probe

    probe = Probe(endpoint)
    offered: tuple[ModelCard, ...] = ()
    failure: ProviderError | None = None
    try:
        offered = await probe.models()
    except ProviderError as error:
        failure = error
    finally:
        await probe.close()
    origin = origin_of_address(endpoint.base_url)
    if probe.connect_ms is None:
        yield Finding("endpoint", Mark.FAILURE, f"{origin} cannot be reached", str(failure))
        return
    yield Finding("endpoint", Mark.OK, f"{origin}, connected in {probe.connect_ms:.0f} ms")
    yield _unlisted(failure) if failure is not None else _model(endpoint.model, offered)
    for finding in await _completion(provider, endpoint):
        yield finding


def _unlisted(failure: ProviderError) -> Finding:
    """That models cannot be listed need not keep them from answering."""
    return Finding("models", Mark.WARNING, "the endpoint did not list its models", str(failure))


def _model(wanted: str, offered: tuple[ModelCard, ...]) -> Finding:
    """Whether the model in use is on offer and fills gaps."""
    model = wanted or choose(offered, for_fim=True)
    able = [card.id for card in offered if card.fim]
    card = next((card for card in offered if model in card.names), None)
    others = f"With FIM there are: {_some(able)}." if able else "None of its models has FIM."
    if card is None:
        said = f"{model} is not among the {len(offered)} models that the endpoint lists"
        return Finding("model", Mark.WARNING, said, others)
    if not fills_gaps(model, offered):
        said = f"{model} has no FIM there: gaps are filled by chat, which is slower and dearer"
        return Finding("model", Mark.WARNING, said, f"{others} Choose one by fim.model.")
    context = f", context of {card.context_tokens:,} tokens" if card.context_tokens else ""
    chosen = "by fim.model" if wanted else "automatically"
    return Finding("model", Mark.OK, f"{model}, chosen {chosen}: has FIM{context}")


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return ", ".join(found[:_MOST_NAMED]) + more


async def _completion(provider: str, endpoint: Endpoint) -> list[Finding]:
    """One timed completion, over a warm connection as in an editor."""
    notices: list[Notice] = []
    fim = PROVIDERS[provider].build_fim(replace(endpoint, notify=notices.append))
    try:
        await fim.warm()
        timed = await timed_answer(fim, _QUESTION)
    except ProviderError as error:
        return [Finding("completion", Mark.FAILURE, "no answer came", str(error))]
    finally:
        await fim.close()
    told = [Finding("completion", Mark.WARNING, notice.sentence) for notice in notices]
    if not timed.text.strip():
        said = f"the answer was empty, after {timed.whole_ms:.0f} ms"
        return [*told, Finding("completion", Mark.WARNING, said, "Try again, or another model.")]
    return [*told, Finding("completion", Mark.OK, _times(timed))]


async def timed_answer(provider: FimProvider, request: FimRequest) -> Timed:
    """The whole answer, with its times. Raises ProviderError."""
    began_s = time.perf_counter()
    text, first_ms, usage = "", None, None
    async with aclosing(provider.fim(request)) as chunks:
        async for chunk in chunks:
            if chunk.text and first_ms is None:
                first_ms = (time.perf_counter() - began_s) * 1000
            text += chunk.text
            usage = chunk.usage or usage
    whole_ms = (time.perf_counter() - began_s) * 1000
    return Timed(text, whole_ms if first_ms is None else first_ms, whole_ms, usage)


def _times(timed: Timed) -> str:
    said = f"first text after {timed.first_ms:.0f} ms, all of it after {timed.whole_ms:.0f} ms"
    if timed.usage is None:
        return said
    return f"{said}; {timed.usage.prompt_tokens} + {timed.usage.completion_tokens} tokens"


async def _local(resolved: Resolved, *, alone: bool) -> Finding:
    """Whether `local` completes a line of a file that it has just learnt.

    `alone`: there is no endpoint to ask.
    """
    if not resolved.settings.local.enabled:
        said = f"switched off by local.enabled ({resolved.origins['local.enabled'].value})"
        if not alone:
            return Finding("local", Mark.OK, said)
        advice = "Set a key, or local.enabled to true: as it is, nobody can be asked."
        return Finding("local", Mark.FAILURE, said, advice)
    local = PROVIDERS["local"].build_fim(Endpoint())
    try:
        if isinstance(local, Learner):
            local.learn("checkup", _KNOWN_CODE)
        await local.warm()
        timed = await timed_answer(local, _LOCAL_QUESTION)
    finally:
        await local.close()
    if not timed.text:
        said = "`local` had nothing to say about code that it knows"
        return Finding("local", Mark.FAILURE, said, "Please report this as a bug of devstral-lsp.")
    return Finding("local", Mark.OK, f"answers from your own code, here in {timed.whole_ms:.1f} ms")
