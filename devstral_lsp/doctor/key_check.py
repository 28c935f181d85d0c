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
from devstral_lsp.doctor.fim_check import FIM_REQUEST, time_completion
from devstral_lsp.doctor.probe_cache import ProbeCache
from devstral_lsp.doctor.result import CheckStatus
from devstral_lsp.endpoints.resolve import ResolvedProvider, chat_candidates, fim_candidates
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, ProvidesModelInfo


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Whether everything that uses the key works, and the message for the user."""

    ok: bool
    message: str


async def check_key(
    resolved: ResolvedSettings,
    environ: Mapping[str, str],
    *,
    editor_keys: EditorKeyLookup = no_editor_keys,
    folders: Sequence[Path] = (),
    host: str = "",
) -> KeyCheck:
    """Request a short answer to a text of our own from the endpoints at `host`, an origin.

    Without a `host`, ask the first FIM and the first chat endpoint. `editor_keys` and `folders` are
    those of `fim_candidates`.
    """
    lookup = (resolved, environ, editor_keys, folders)
    fim = await run_in_daemon_thread(partial(fim_candidates, *lookup))
    chat = await run_in_daemon_thread(partial(chat_candidates, *lookup))
    completing, chatting = _first(fim, host), _first(chat, host)
    if completing is None and chatting is None:
        return KeyCheck(ok=False, message=_no_endpoint_message(fim, host))
    parts: list[KeyCheck] = []
    if completing is not None:
        parts.append(await _check_fim(*completing))
    if chatting is not None and all(part.ok for part in parts):
        parts.append(await _check_chat(*chatting))
    message = " ".join(part.message for part in parts if not part.ok)
    if message:
        return KeyCheck(ok=False, message=message)
    origin = parse_origin((completing or chatting or ("", Endpoint()))[1].base_url)
    works = ", ".join(part.message for part in parts)
    return KeyCheck(ok=True, message=f"{origin} accepts the key: {works}.")


def _first(candidates: Sequence[ResolvedProvider], host: str) -> tuple[str, Endpoint] | None:
    for chosen in candidates:
        for endpoint in chosen.endpoints:
            if not host or str(parse_origin(endpoint.base_url)) == host:
                return chosen.provider, endpoint
    return None


def _no_endpoint_message(fim: Sequence[ResolvedProvider], host: str) -> str:
    if host:
        return (
            f"The key is stored, but no setting uses {host}: set fim.base_url or chat.base_url to "
            "it, or choose a provider at that host."
        )
    notices = [notice.message for chosen in fim for notice in chosen.notices]
    return notices[-1] if notices else "No endpoint is set, so there is no key to check."


async def _check_fim(provider: str, endpoint: Endpoint) -> KeyCheck:
    fim = PROVIDERS[provider].build_fim(endpoint)
    try:
        await fim.warm()
        await time_completion(fim, FIM_REQUEST)
        facts = await fim.model_info(for_fim=True) if isinstance(fim, ProvidesModelInfo) else None
    except ProviderError as error:
        return KeyCheck(ok=False, message=str(error))
    finally:
        await fim.close()
    model = facts.model if facts is not None and facts.model else "its model"
    return KeyCheck(ok=True, message=f"{model} completes")


async def _check_chat(provider: str, endpoint: Endpoint) -> KeyCheck:
    probes = ProbeCache()
    results = await check_chat_endpoint(provider, endpoint, probes)
    failed = [each for each in results if each.status is CheckStatus.FAILURE]
    if failed:
        return KeyCheck(ok=False, message=f"{failed[0].message}. {failed[0].hint}".strip())
    offered = (await probes.probe(endpoint)).models
    model = resolve_chat_model(provider, endpoint.model, offered) or "its model"
    return KeyCheck(ok=True, message=f"{model} refactors")
