"""The checks of `doctor`, in order: versions, settings, keys, endpoints, `local`.

Each check yields a `CheckResult`, which says what to do if something is wrong.
"""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from devstral_lsp import __version__
from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.config.auto_provider import AUTO_PROVIDERS
from devstral_lsp.config.keys import EditorKeyLookup, no_editor_keys
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.problem import BELOW, headline, worst
from devstral_lsp.config.readers import PROJECT_FILE, state_folder, user_file_path
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.doctor import chat_check
from devstral_lsp.doctor.budget_check import check_budget, metered
from devstral_lsp.doctor.fim_check import check_fim_endpoint, time_completion
from devstral_lsp.doctor.local_servers import find_local_servers
from devstral_lsp.doctor.probe_cache import ProbeCache
from devstral_lsp.doctor.result import CheckResult, CheckStatus
from devstral_lsp.endpoints.connect import strategy_cache
from devstral_lsp.endpoints.notices import NO_ADDRESS, NO_CHAT_KEY, NO_KEY
from devstral_lsp.endpoints.resolve import (
    NARROWED,
    ResolvedProvider,
    chat_candidates,
    fim_candidates,
)
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, FimRequest, LearnsFromText, NoticeSeverity
from devstral_lsp.usage.governor import Governor

_LIBRARIES = ("pygls", "lsprotocol", "httpx")

_KNOWN_CODE = "".join(
    f"def {name}(width, height):\n"
    "    if width < 0 or height < 0:\n"
    '        raise ValueError("a side is negative")\n'
    "    return width * height\n\n\n"
    for name in ("area", "wall", "roof", "floor")
)
_LOCAL_REQUEST = FimRequest(
    prompt=_KNOWN_CODE.removesuffix("height\n\n\n"),
    suffix="\n",
    max_tokens=16,
    language="python",
)


async def run_checks(
    resolved: ResolvedSettings,
    environ: Mapping[str, str],
    folder: Path,
    before: Iterable[CheckResult] = (),
    editor_keys: EditorKeyLookup = no_editor_keys,
) -> AsyncGenerator[CheckResult, None]:
    """All results, each as soon as it is known. `folder` is that of the project file.

    The results in `before` come first, or after the result that nothing may be sent. `editor_keys`
    asks the editor for the keys that it stores.
    """
    if resolved.narrowed:
        yield _narrowed(resolved)
    for result in before:
        yield result
    yield _versions()
    for result in _settings(resolved, environ, folder):
        yield result
    governor = Governor(resolved.settings.limits, partial(state_folder, environ))
    found = await run_in_daemon_thread(
        partial(fim_candidates, resolved, environ, editor_keys, folders=(folder,))
    )
    candidates = [metered(chosen, governor) for chosen in found]
    first, *others = candidates
    yield _provider(first, others, resolved)
    for result in _key(first, resolved.settings.fim.api_key_env):
        yield result
    probes, has_endpoint = ProbeCache(), any(chosen.endpoints for chosen in candidates)
    async for result in _check_fim(first, environ, probes):
        yield result
    for number, chosen in enumerate(others, 2):
        async for result in _check_fallback(number, chosen, environ, probes):
            yield result
    chats = await run_in_daemon_thread(
        partial(chat_candidates, resolved, environ, editor_keys, folders=(folder,))
    )
    chats = tuple(metered(chosen, governor) for chosen in chats)
    async for result in _check_chat(chats, probes, keyless=not has_endpoint):
        yield result
    async for result in check_budget((*candidates, *chats), governor):
        yield result
    await governor.close()
    yield await _local(resolved, alone=not has_endpoint)
    if not has_endpoint and not resolved.narrowed:
        for server in await find_local_servers():
            message = f"{server.description}; no setting uses it"
            yield CheckResult("nearby", CheckStatus.OK, message, server.hint)


def clear_strategy_cache(environ: Mapping[str, str]) -> CheckResult:
    """Empty the strategy cache, so that strategies are selected again."""
    count = strategy_cache(environ).clear()
    message = f"{count} selected in earlier sessions, now deleted"
    return CheckResult("path", CheckStatus.OK, message)


async def _check_fim(
    chosen: ResolvedProvider, environ: Mapping[str, str], probes: ProbeCache
) -> AsyncGenerator[CheckResult, None]:
    """Check each endpoint of one provider."""
    for endpoint in chosen.endpoints:
        checking = check_fim_endpoint(chosen.provider, endpoint, strategy_cache(environ), probes)
        async with aclosing(checking) as results:
            async for result in results:
                yield result


async def _check_fallback(
    number: int, chosen: ResolvedProvider, environ: Mapping[str, str], probes: ProbeCache
) -> AsyncGenerator[CheckResult, None]:
    """Check a fallback: its failures are warnings, since completion works without it."""
    status = CheckStatus.OK if chosen.endpoints else CheckStatus.WARNING
    use = "is used" if chosen.endpoints else "cannot be used"
    when = "if the first no longer completes" if chosen.is_spare else f"as number {number}"
    yield CheckResult("fallback", status, f"{chosen.provider} {use} {when}")
    for result in _key(chosen, ""):
        yield downgrade_to_warning(result)
    async for result in _check_fim(chosen, environ, probes):
        yield downgrade_to_warning(result)


def downgrade_to_warning(result: CheckResult) -> CheckResult:
    return (
        replace(result, status=CheckStatus.WARNING)
        if result.status is CheckStatus.FAILURE
        else result
    )


async def _check_chat(
    candidates: Sequence[ResolvedProvider], probes: ProbeCache, *, keyless: bool
) -> AsyncGenerator[CheckResult, None]:
    """The chat providers in order, numbered if there are several, and whether they would answer.

    `keyless`: there is no FIM endpoint either, and a result has already said how to set a key.
    """
    for number, chosen in enumerate(candidates, 1):
        prefix = f"{number}. " if len(candidates) > 1 else ""
        for endpoint in chosen.endpoints:
            for result in await chat_check.check_chat_endpoint(chosen.provider, endpoint, probes):
                numbered = replace(result, message=prefix + result.message)
                yield numbered if number == 1 else downgrade_to_warning(numbered)
        if any(notice.topic == NARROWED for notice in chosen.notices):
            message = "no request to refactor is sent either, until the settings can be read"
            yield CheckResult("chat", CheckStatus.WARNING, message)
        elif not chosen.endpoints and not (keyless and NO_CHAT_KEY in chosen.notices):
            messages = (notice.message for notice in chosen.notices)
            reasons = [f"{chosen.provider} cannot refactor.", *messages]
            yield CheckResult("chat", CheckStatus.WARNING, prefix + reasons[-1])


def _versions() -> CheckResult:
    libraries = (f"{name} {version(name)}" for name in _LIBRARIES)
    python = f"Python {platform.python_version()}"
    # `platform.platform` runs the first `uname` of the PATH, which may be the folder's.
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    message = ", ".join([f"devstral-lsp {__version__}", python, *libraries, system])
    return CheckResult("versions", CheckStatus.OK, message)


def _settings(
    resolved: ResolvedSettings, environ: Mapping[str, str], folder: Path
) -> Iterator[CheckResult]:
    """Where settings come from, and each entry that was ignored."""
    variables = [each.variable for each in SETTING_SPECS.values() if environ.get(each.variable)]
    places = [
        _file("user file", user_file_path(environ)),
        _file("project file", folder / PROJECT_FILE),
        f"environment: {', '.join(variables) if variables else 'nothing set'}",
    ]
    yield CheckResult("settings", CheckStatus.OK, "; ".join(places))
    first = worst(resolved.problems) if resolved.narrowed else None
    for problem in resolved.problems:
        if problem is not first:  # It was the first result of all.
            yield CheckResult("settings", CheckStatus.WARNING, problem.sentence)
    if not resolved.settings.completion.enabled:
        layer = resolved.origins["completion.enabled"].value
        message = f"completion.enabled is false ({layer}), so that nothing is offered"
        yield CheckResult("settings", CheckStatus.WARNING, message)
    elif resolved.settings.completion.mode == "off":
        layer = resolved.origins["completion.mode"].value
        message = f'completion.mode is "off" ({layer}), so that nothing is offered'
        yield CheckResult("settings", CheckStatus.WARNING, message)


def _narrowed(resolved: ResolvedSettings) -> CheckResult:
    """Comes first: until this is corrected, no other result reflects what the user wants."""
    others = BELOW if len(resolved.problems) > 1 else ""
    return CheckResult("settings", CheckStatus.FAILURE, headline(resolved.problems, others))


def _file(name: str, path: Path) -> str:
    return f"{name} {path}" if os.path.exists(path) else f"no {name} (would be {path})"


def _provider(
    chosen: ResolvedProvider, others: Sequence[ResolvedProvider], resolved: ResolvedSettings
) -> CheckResult:
    if resolved.narrowed:
        message = "only local, since the settings cannot be read and may forbid more"
        return CheckResult("provider", CheckStatus.WARNING, message)
    fim = resolved.settings.fim
    deciding = {"fim.provider": fim.provider != "auto", "fim.base_url": bool(fim.base_url)}
    named = [
        f"{key} is set ({resolved.origins[key].value})"
        for key, is_set in deciding.items()
        if is_set
    ]
    if named:
        why = " and ".join(named)
    elif chosen.provider == "local" and any(other.endpoints for other in others):
        message = f"neither {' nor '.join(AUTO_PROVIDERS)} has a key, so the fallbacks are used"
        return CheckResult("provider", CheckStatus.OK, message)
    elif chosen.provider == "local":
        why = "there is no key for any other"
    else:
        why = "there is a key for it"
    return CheckResult("provider", CheckStatus.OK, f"{chosen.provider}, since {why}")


def _key(chosen: ResolvedProvider, variable: str) -> Iterator[CheckResult]:
    """Where the key was found, and whether it may be sent to the endpoint.

    `variable` is the one that the settings name, empty if none.
    """
    for notice in chosen.notices:
        if notice != NO_KEY:
            last = notice is chosen.notices[-1] and notice.severity is NoticeSeverity.WARNING
            refused = chosen.endpoint is None and last
            check = "endpoint" if notice.topic == NO_ADDRESS else "key"
            yield CheckResult(
                check, CheckStatus.FAILURE if refused else CheckStatus.WARNING, notice.message
            )
    if NO_KEY in chosen.notices:
        yield _no_key(chosen.provider, variable)
    if chosen.endpoint is not None:
        origin = parse_origin(chosen.endpoint.base_url)
        if chosen.endpoint.key is None:
            yield CheckResult("key", CheckStatus.OK, f"none is sent to {origin}")
        else:
            yield CheckResult(
                "key", CheckStatus.OK, f"from {chosen.endpoint.key.source}, sent to {origin}"
            )


def _no_key(provider: str, variable: str) -> CheckResult:
    # For `local`, the providers that "auto" chooses from.
    owners = [PROVIDERS[name] for name in ((provider,) if provider != "local" else AUTO_PROVIDERS)]
    variables = [name for owner in owners for name in owner.key_variables]
    looked = dict.fromkeys([variable, *variables] if variable else variables)
    return CheckResult(
        "key",
        CheckStatus.WARNING,
        f"none in {' or '.join(looked)}, from a command or in the keyring, so only `local` can "
        "complete, from your own code",
        f"Create a key in Mistral's console, then set {' or '.join(variables)} where your editor "
        "starts, or name a command that prints it as fim.api_key_command in the user file. "
        f'In the keyring (with the "keyring" extra) the service is devstral-lsp and the user name '
        f"{' or '.join(owner.name for owner in owners if owner.key_variables)}.",
    )


async def _local(resolved: ResolvedSettings, *, alone: bool) -> CheckResult:
    """Whether `local` completes a line of a file that it has just indexed.

    `alone`: there is no endpoint to ask.
    """
    if not resolved.settings.local.enabled:
        message = f"switched off by local.enabled ({resolved.origins['local.enabled'].value})"
        if not alone:
            return CheckResult("local", CheckStatus.OK, message)
        hint = "Set a key, or set local.enabled to true: without either, nothing can complete."
        return CheckResult("local", CheckStatus.FAILURE, message, hint)
    local = PROVIDERS["local"].build_fim(Endpoint())
    try:
        if isinstance(local, LearnsFromText):
            local.learn("checkup", _KNOWN_CODE)
        await local.warm()
        timed = await time_completion(local, _LOCAL_REQUEST)
    finally:
        await local.close()
    if not timed.text:
        message = "`local` did not complete a line that it had indexed"
        return CheckResult(
            "local", CheckStatus.FAILURE, message, "Please report this as a bug of devstral-lsp."
        )
    return CheckResult(
        "local", CheckStatus.OK, f"answers from your own code, here in {timed.whole_ms:.1f} ms"
    )
