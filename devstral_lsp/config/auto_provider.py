"""Resolve the provider "auto" by the settings and the available keys.

`keys.py` then finds the provider's key, and `key_policy.py` decides whether it may be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from devstral_lsp.config.addresses import parse_host, parse_origin
from devstral_lsp.config.endpoint_settings import ChatSettings, FimSettings
from devstral_lsp.config.key_text import describe_key_fault
from devstral_lsp.providers import PROVIDERS

_AUTO = "auto"
_ANY_HOST = "mistral"
"""The provider whose protocol an unknown address is assumed to support."""
AUTO_PROVIDERS = ("mistral", "codestral")
"""The candidates, in order: the second has separate keys and a separate host, and may be
discontinued (continuedev/continue#13049)."""


def resolve_fim_provider(
    fim: FimSettings,
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool] = lambda provider: False,
) -> str:
    """The FIM provider; "local" if nothing suggests another.

    `is_stored` says whether the keyring has a provider's key. It is called last, because it may
    block.
    """
    if fim.provider != _AUTO:
        return fim.provider
    return _infer_provider(fim, AUTO_PROVIDERS, environ, is_stored) or "local"


def resolve_chat_provider(
    chat: ChatSettings,
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool] = lambda provider: False,
) -> str | None:
    """The chat provider; None if no key is available and no address is set."""
    if chat.provider != _AUTO:
        return chat.provider
    return _infer_provider(chat, AUTO_PROVIDERS, environ, is_stored)


def _infer_provider(
    settings: FimSettings | ChatSettings,
    names: Sequence[str],
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool],
) -> str | None:
    """Infer by address, then in the order in which `keys.find_key` searches for a key."""
    specs = [PROVIDERS[name] for name in names]
    if settings.base_url:
        host = parse_origin(settings.base_url).host
        hosts = {parse_host(own).host: spec.name for spec in specs for own in spec.own_hosts}
        return hosts.get(host, _ANY_HOST)
    if settings.api_key_env and environ.get(settings.api_key_env):
        owners = (spec.name for spec in specs if settings.api_key_env in spec.key_variables)
        return next(owners, _ANY_HOST)
    for spec in specs:
        values = (environ.get(variable, "").strip() for variable in spec.key_variables)
        if any(value and not describe_key_fault(value) for value in values):
            return spec.name
    if settings.api_key_command:
        return _ANY_HOST
    return next((name for name in names if is_stored(name)), None)
