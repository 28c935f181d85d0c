"""Checks all that a completion needs, in order: versions, settings, keys, endpoints, `local`.

Each check gives one `Finding`, with what to do where something is wrong. What an endpoint is asked
is decided in `endpoint_check.py` and `chat_check.py`; who shows the findings is not known here.
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

from devstral_lsp import __version__, chat_check
from devstral_lsp.config.hosts import origin_of_address
from devstral_lsp.config.layers import Resolved
from devstral_lsp.config.problem import BELOW, headline, worst
from devstral_lsp.config.schema import SETTINGS
from devstral_lsp.config.sources import PROJECT_FILE, user_file_path
from devstral_lsp.config.words import near
from devstral_lsp.connection import remembered
from devstral_lsp.endpoint import (
    NARROWED,
    NO_ADDRESS,
    NO_CHAT_KEY,
    NO_KEY,
    Chosen,
    chat_line,
    fim_line,
)
from devstral_lsp.endpoint_check import check, timed_answer
from devstral_lsp.endpoint_look import Looks
from devstral_lsp.findings import Finding, Mark
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, FimRequest, Learner, Severity
from devstral_lsp.unattended import unattended

_LIBRARIES = ("pygls", "lsprotocol", "httpx")
_USUAL = ("mistral", "codestral")
"""Among whom "auto" chooses."""
_ALIKE = 0.8
_KEY_WORDS = frozenset({"KEY", "APIKEY", "TOKEN", "SECRET"})

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


async def examine(
    resolved: Resolved, environ: Mapping[str, str], folder: Path, before: Iterable[Finding] = ()
) -> AsyncGenerator[Finding, None]:
    """All findings, each as soon as it is known. `folder` is where the project file would stand.

    Those that were made `before` come first, unless nothing may be sent, which comes before all.
    """
    if resolved.narrowed:
        yield _narrowed(resolved)
    for finding in before:
        yield finding
    yield _versions()
    for finding in _settings(resolved, environ, folder):
        yield finding
    line = await unattended(partial(fim_line, resolved, environ, folders=(folder,)))
    first, *others = line
    yield _provider(first, others, resolved)
    for finding in _key(first, resolved.settings.fim.api_key_env):
        yield finding
    for finding in _misspelt_keys(line, environ):
        yield finding
    looks, is_any_asked = Looks(), any(chosen.equals for chosen in line)
    async for finding in _asked(first, environ, looks):
        yield finding
    for number, chosen in enumerate(others, 2):
        async for finding in _fallback(number, chosen, environ, looks):
            yield finding
    chats = await unattended(partial(chat_line, resolved, environ, folders=(folder,)))
    async for finding in _conversations(chats, looks, keyless=not is_any_asked):
        yield finding
    yield await _local(resolved, alone=not is_any_asked)


def forget(environ: Mapping[str, str]) -> Finding:
    """Drop what was found out about endpoints, so that it is found anew."""
    count = remembered(environ).clear()
    return Finding("path", Mark.OK, f"{count} found in earlier sessions, now forgotten")


async def _asked(
    chosen: Chosen, environ: Mapping[str, str], looks: Looks
) -> AsyncGenerator[Finding, None]:
    """Each address of one provider is asked."""
    for endpoint in chosen.equals:
        asked = check(chosen.provider, endpoint, remembered(environ), looks)
        async with aclosing(asked) as findings:
            async for finding in findings:
                yield finding


async def _fallback(
    number: int, chosen: Chosen, environ: Mapping[str, str], looks: Looks
) -> AsyncGenerator[Finding, None]:
    """One that is asked when those before do not answer: its failures keep nobody from working."""
    mark = Mark.OK if chosen.equals else Mark.WARNING
    said = "is asked" if chosen.equals else "cannot be asked"
    yield Finding("fallback", mark, f"{chosen.provider} {said} as number {number}")
    for finding in _key(chosen, ""):
        yield _milder(finding)
    async for finding in _asked(chosen, environ, looks):
        yield _milder(finding)


def _milder(finding: Finding) -> Finding:
    return replace(finding, mark=Mark.WARNING) if finding.mark is Mark.FAILURE else finding


async def _conversations(
    line: Sequence[Chosen], looks: Looks, *, keyless: bool
) -> AsyncGenerator[Finding, None]:
    """Who is asked to refactor, in this order, and whether they would answer.

    `keyless`: nobody completes over a network either, and it has been said how to set a key.
    """
    for number, chosen in enumerate(line, 1):
        for endpoint in chosen.equals:
            for finding in await chat_check.check(chosen.provider, endpoint, looks):
                told = replace(finding, said=f"{number}. {finding.said}")
                yield told if number == 1 else _milder(told)
        if any(notice.topic == NARROWED for notice in chosen.notices):
            said = "nobody is asked to refactor either, until the settings can be read"
            yield Finding("chat", Mark.WARNING, said)
        elif not chosen.equals and not (keyless and NO_CHAT_KEY in chosen.notices):
            yield Finding("chat", Mark.WARNING, f"{number}. {_why_not(chosen)}")


def _why_not(chosen: Chosen) -> str:
    """Why nobody is asked, which the last notice says."""
    sentences = [notice.sentence for notice in chosen.notices]
    return sentences[-1] if sentences else f"{chosen.provider} cannot be asked to refactor."


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
    first = worst(resolved.problems) if resolved.narrowed else None
    for problem in resolved.problems:
        if problem is not first:  # which has been told above
            yield Finding("settings", Mark.WARNING, problem.sentence)
    if not resolved.settings.completion.enabled:
        layer = resolved.origins["completion.enabled"].value
        said = f"completion.enabled is false ({layer}), so that nothing is offered"
        yield Finding("settings", Mark.WARNING, said)


def _narrowed(resolved: Resolved) -> Finding:
    """First of all: nothing else works, or tells of what the user wanted, before it is mended."""
    others = BELOW if len(resolved.problems) > 1 else ""
    return Finding("settings", Mark.FAILURE, headline(resolved.problems, others))


def _file(name: str, path: Path) -> str:
    return f"{name} {path}" if os.path.exists(path) else f"no {name} (would be {path})"


def _provider(chosen: Chosen, others: Sequence[Chosen], resolved: Resolved) -> Finding:
    if resolved.narrowed:
        said = "local alone, since the settings cannot be read: what they forbid is not known"
        return Finding("provider", Mark.WARNING, said)
    fim = resolved.settings.fim
    deciding = {"fim.provider": fim.provider != "auto", "fim.base_url": bool(fim.base_url)}
    named = [
        f"{key} is set ({resolved.origins[key].value})"
        for key, is_set in deciding.items()
        if is_set
    ]
    if named:
        why = " and ".join(named)
    elif chosen.provider == "local" and any(other.equals for other in others):
        said = f"neither {' nor '.join(_USUAL)} has a key, so that the fallbacks are asked"
        return Finding("provider", Mark.OK, said)
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
            last = notice is chosen.notices[-1] and notice.severity is Severity.WARNING
            refused = chosen.endpoint is None and last
            check = "endpoint" if notice.topic == NO_ADDRESS else "key"
            yield Finding(check, Mark.FAILURE if refused else Mark.WARNING, notice.sentence)
    if NO_KEY in chosen.notices:
        yield _no_key(chosen.provider, variable)
    if chosen.endpoint is not None:
        origin = origin_of_address(chosen.endpoint.base_url)
        if chosen.endpoint.key is None:
            yield Finding("key", Mark.OK, f"none is sent to {origin}")
        else:
            yield Finding("key", Mark.OK, f"from {chosen.endpoint.key.source}, sent to {origin}")


def _variables_of(provider: str) -> list[str]:
    """The variables in which a key of `provider` is looked for; for `local`, of the usual ones."""
    names = (provider,) if provider != "local" else _USUAL
    return [name for each in names for name in PROVIDERS[each].key_variables]


def _no_key(provider: str, variable: str) -> Finding:
    owners = [PROVIDERS[name] for name in ((provider,) if provider != "local" else _USUAL)]
    variables = _variables_of(provider)
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


def _misspelt_keys(line: Sequence[Chosen], environ: Mapping[str, str]) -> Iterator[Finding]:
    """Variables that look like a key of somebody who has none, under another name."""
    keyless = [each.provider for each in line if each.endpoint is None or each.endpoint.key is None]
    wanted = dict.fromkeys(name for each in keyless for name in _variables_of(each))
    known = {name for spec in PROVIDERS.values() for name in spec.key_variables}
    for name in sorted(environ):
        if environ[name].strip() and name not in known and (close := _meant(name, wanted)):
            said = f"{name} is set, and is no variable that is looked at. Did you mean {close}?"
            yield Finding("key", Mark.WARNING, said)


def _meant(name: str, variables: Iterable[str]) -> str:
    """The variable that `name` was meant as; "" if none."""
    for each in variables:
        if name.upper() == each or near(name.upper(), [each], _ALIKE):
            return each
        owner, words = each.partition("_")[0], name.upper().replace("-", "_").split("_")
        if owner in (words[0], "".join(words[:2])) and not _KEY_WORDS.isdisjoint(words):
            return each
    return ""


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
