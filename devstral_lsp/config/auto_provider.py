"""What "auto" stands for: what the settings and the keys at hand suggest.

`keys.py` then finds the chosen provider's key, and `key_policy.py` decides whether it may be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from devstral_lsp.config.addresses import parse_host, parse_origin
from devstral_lsp.config.endpoint_settings import ChatSettings, FimSettings
from devstral_lsp.config.key_text import describe_key_fault
from devstral_lsp.providers import PROVIDERS

_AUTO = "auto"
_ANY_HOST = "mistral"
"""The provider whose protocol an unknown address is assumed to speak."""
AUTO_PROVIDERS = ("mistral", "codestral")
"""The providers to choose from, in order: the second has its keys and its host apart, and may be
discontinued (continuedev/continue#13049)."""


def resolve_fim_provider(
    fim: FimSettings,
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool] = lambda provider: False,
) -> str:
    """The provider of FIM; "local" if nothing points to another.

    `is_stored` says whether the keyring holds a provider's key. It is asked last, since it may
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
    """The provider of chat; None if no key is at hand and no address is set."""
    if chat.provider != _AUTO:
        return chat.provider
    return _infer_provider(chat, AUTO_PROVIDERS, environ, is_stored)


def _infer_provider(
    settings: FimSettings | ChatSettings,
    names: Sequence[str],
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool],
) -> str | None:
    """By address, then in the order in which `keys.find_key` looks for a key."""
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
