"""What "auto" stands for: what the settings and the keys at hand suggest.

Pure. Whether the chosen provider then finds its key and may send it is decided by `keys.py` and
`trust.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from devstral_lsp.config.key_policy import ProviderSpec
from devstral_lsp.config.origin import parse_host, parse_origin
from devstral_lsp.config.schema import ChatSettings, FimSettings

_AUTO = "auto"
_ANY_HOST = "mistral"
"""The provider whose wire an unknown address is taken to speak."""
_FIM_ORDER = ("codestral", "mistral")
_CHAT_ORDER = ("mistral", "codestral")


def resolve_fim_provider(
    fim: FimSettings,
    owners: Mapping[str, ProviderSpec],
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool] = lambda provider: False,
) -> str:
    """The provider that fills in; "local" if nothing points to another.

    `is_stored` tells whether the keyring holds a provider's key. It is asked last, since it may
    block.
    """
    if fim.provider != _AUTO:
        return fim.provider
    return _infer_provider(fim, _in_order(_FIM_ORDER, owners), environ, is_stored) or "local"


def resolve_chat_provider(
    chat: ChatSettings,
    owners: Mapping[str, ProviderSpec],
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool] = lambda provider: False,
) -> str | None:
    """The provider that chats; None if no key is at hand and no address is set."""
    if chat.provider != _AUTO:
        return chat.provider
    return _infer_provider(chat, _in_order(_CHAT_ORDER, owners), environ, is_stored)


def _in_order(names: Iterable[str], owners: Mapping[str, ProviderSpec]) -> list[ProviderSpec]:
    return [owners[name] for name in names]


def _infer_provider(
    settings: FimSettings | ChatSettings,
    owners: list[ProviderSpec],
    environ: Mapping[str, str],
    is_stored: Callable[[str], bool],
) -> str | None:
    """By address, then in the order in which `keys.find_key` looks for a key."""
    if settings.base_url:
        return _owner_of_host(settings.base_url, owners) or _ANY_HOST
    if settings.api_key_env and environ.get(settings.api_key_env):
        return _owner_of_variable(settings.api_key_env, owners) or _ANY_HOST
    for owner in owners:
        if any(environ.get(variable, "").strip() for variable in owner.key_variables):
            return owner.name
    if settings.api_key_command:
        return _ANY_HOST
    return next((owner.name for owner in owners if is_stored(owner.name)), None)


def _owner_of_host(address: str, owners: list[ProviderSpec]) -> str | None:
    host = parse_origin(address).host
    hosts = {parse_host(own).host: owner.name for owner in owners for own in owner.own_hosts}
    return hosts.get(host)


def _owner_of_variable(variable: str, owners: list[ProviderSpec]) -> str | None:
    return next((owner.name for owner in owners if variable in owner.key_variables), None)
