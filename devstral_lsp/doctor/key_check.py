"""Checks the key that a user has just set: whether it is accepted, and which models it reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.config.keys import EditorKeyLookup, no_editor_keys
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.doctor.chat_check import check_chat_endpoint, resolve_chat_model
from devstral_lsp.doctor.fim_check import FIM_QUESTION, time_completion
from devstral_lsp.doctor.probe_cache import ProbeCache
from devstral_lsp.doctor.result import CheckStatus
from devstral_lsp.endpoints.resolve import ResolvedProvider, chat_candidates, fim_candidates
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, ProvidesModelInfo


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Whether all that uses the key works, and a sentence or two that say so."""

    ok: bool
    message: str


async def check_key(
    resolved: ResolvedSettings,
    environ: Mapping[str, str],
    *,
    kept: EditorKeyLookup = no_editor_keys,
    folders: Sequence[Path] = (),
    host: str = "",
) -> KeyCheck:
    """Ask the endpoints at `host`, an origin, for a short answer to a text of our own.

    Without a `host`: those that are asked first. `kept` and `folders` are as for `fim_candidates`.
    """
    means = (resolved, environ, kept, folders)
    fim = await run_in_daemon_thread(partial(fim_candidates, *means))
    chat = await run_in_daemon_thread(partial(chat_candidates, *means))
    completing, chatting = _first(fim, host), _first(chat, host)
    if completing is None and chatting is None:
        return KeyCheck(ok=False, message=_nobody(fim, host))
    parts: list[KeyCheck] = []
    if completing is not None:
        parts.append(await _completes(*completing))
    if chatting is not None and all(part.ok for part in parts):
        parts.append(await _chats(*chatting))
    message = " ".join(part.message for part in parts if not part.ok)
    if message:
        return KeyCheck(ok=False, message=message)
    where = parse_origin((completing or chatting or ("", Endpoint()))[1].base_url)
    works = ", ".join(part.message for part in parts)
    return KeyCheck(ok=True, message=f"{where} accepts the key: {works}.")


def _first(line: Sequence[ResolvedProvider], host: str) -> tuple[str, Endpoint] | None:
    for chosen in line:
        for endpoint in chosen.endpoints:
            if not host or str(parse_origin(endpoint.base_url)) == host:
                return chosen.provider, endpoint
    return None


def _nobody(fim: Sequence[ResolvedProvider], host: str) -> str:
    if host:
        return (
            f"The key is kept, but nothing asks {host}: set fim.base_url or chat.base_url to it, "
            "or a provider that is there."
        )
    notices = [notice.message for chosen in fim for notice in chosen.notices]
    return notices[-1] if notices else "No endpoint is set, so there is no key to check."


async def _completes(provider: str, endpoint: Endpoint) -> KeyCheck:
    fim = PROVIDERS[provider].build_fim(endpoint)
    try:
        await fim.warm()
        await time_completion(fim, FIM_QUESTION)
        facts = await fim.model_info(for_fim=True) if isinstance(fim, ProvidesModelInfo) else None
    except ProviderError as error:
        return KeyCheck(ok=False, message=str(error))
    finally:
        await fim.close()
    model = facts.model if facts is not None and facts.model else "its model"
    return KeyCheck(ok=True, message=f"{model} completes")


async def _chats(provider: str, endpoint: Endpoint) -> KeyCheck:
    looks = ProbeCache()
    findings = await check_chat_endpoint(provider, endpoint, looks)
    failed = [each for each in findings if each.mark is CheckStatus.FAILURE]
    if failed:
        return KeyCheck(ok=False, message=f"{failed[0].message}. {failed[0].hint}".strip())
    offered = (await looks.probe(endpoint)).models
    model = resolve_chat_model(provider, endpoint.model, offered) or "its model"
    return KeyCheck(ok=True, message=f"{model} refactors")
