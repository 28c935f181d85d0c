"""From settings and keys to the endpoint that completes, or to the reason why there is none.

Nothing is connected here, and no key is looked at: where one is found and where it may go is
decided in `config/`. Used by `app.py`, and by `checkup.py`, which tells the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from devstral_lsp.config.choice import fim_provider
from devstral_lsp.config.keys import find_key, key_in_keyring
from devstral_lsp.config.layers import Resolved
from devstral_lsp.config.trust import Target, key_for
from devstral_lsp.errors import KeyRefused
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, Notice, Notify, Severity

NO_KEY = Notice(
    "no key",
    "devstral-lsp has no key yet, so completions come from your own code alone. For Codestral, set "
    "MISTRAL_API_KEY or CODESTRAL_API_KEY where your editor starts, or name a command that prints "
    "the key as fim.api_key_command in the user file; `devstral-lsp doctor` tells more.",
    Severity.INFO,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who completes. `endpoint` is None where only `local` can, and `notices` say why."""

    provider: str
    endpoint: Endpoint | None = None
    notices: tuple[Notice, ...] = ()


def choose_fim(resolved: Resolved, environ: Mapping[str, str]) -> Chosen:
    """The provider that the settings and the keys at hand lead to. Blocks: run it in a thread."""
    fim = resolved.settings.fim
    notices: list[Notice] = []
    is_stored = partial(_is_stored, notify=notices.append)
    name = fim_provider(fim, PROVIDERS, environ, is_stored)
    if name == "local":
        told = NO_KEY if fim.provider == "auto" else None
        return Chosen(name, None, (*notices, told) if told else tuple(notices))
    key = find_key(fim, PROVIDERS[name], environ, notices.append)
    target = Target(
        section="fim",
        base_url=fim.base_url,
        layer=resolved.origins["fim.base_url"],
        named_hosts=resolved.named_hosts.get("fim", ()),
    )
    try:
        sent = key_for(target, key, name, PROVIDERS)
    except KeyRefused as error:
        return Chosen(name, None, (*notices, Notice("key", str(error))))
    if sent is None and not fim.base_url:
        return Chosen(name, None, (*notices, NO_KEY))
    endpoint = Endpoint(
        base_url=fim.base_url or PROVIDERS[name].default_base_url,
        key=sent,
        model=fim.model,
        timeout_ms=fim.timeout_ms,
    )
    return Chosen(name, endpoint, tuple(notices))


def _is_stored(provider: str, notify: Notify) -> bool:
    return key_in_keyring(provider, notify) is not None
