"""The rule that a key is sent only to the host it belongs to.

A key belongs to the host named where it is stored, or to the hosts of the provider whose variable
held it, or else of the provider for which it was found. Otherwise it is sent only to hosts named by
the user file or the environment, which neither an editor's workspace settings nor a cloned
repository can change. It is never sent to the host of another provider.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devstral_lsp.config.addresses import HttpOrigin, parse_host, parse_origin
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.errors import KeyNotSent
from devstral_lsp.providers import PROVIDERS, ProviderSpec

if TYPE_CHECKING:
    from devstral_lsp.providers.base import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDestination:
    """The target of a request. `base_url` is empty for the provider's own address.

    `layer` is the one that set `base_url`; `named_hosts` are those of `Resolved.named_hosts`.
    `setting` is where the address is set, if not in the section's `base_url`.
    """

    section: str
    base_url: str
    layer: Layer
    named_hosts: tuple[str, ...] = ()
    setting: str = ""


def authorize_key(target: KeyDestination, key: Secret | None, provider: str) -> Secret | None:
    """The key to send to `target`; None if it needs none, as this machine and `local` do not.

    `provider` is the name of the provider in use. Raises KeyNotSent, which says where to name the
    host, if the key does not belong there.
    """
    spec = PROVIDERS[provider]
    address = target.base_url or spec.default_base_url
    if key is None or not address:
        return None
    origin = parse_origin(address)
    homes = _homes(key, spec)
    if origin in homes:
        return key
    all_hosts = {host.host for each in PROVIDERS.values() for host in _own_origins(each)}
    if origin.host in all_hosts - {home.host for home in homes}:
        raise KeyNotSent(
            f"The key from {key.source} was not sent to {origin}, which is another provider's "
            f"host. Choose the {target.section}.provider that this key belongs to, or give it "
            "another key."
        )
    if is_trusted_host(origin, target.named_hosts):
        return key
    if origin.is_loopback:
        return None
    raise KeyNotSent(_untrusted_host_message(target, key, origin))


def _own_origins(spec: ProviderSpec) -> set[HttpOrigin]:
    return {parse_host(host) for host in spec.own_hosts}


def _homes(key: Secret, spec: ProviderSpec) -> set[HttpOrigin]:
    """The hosts to which the key belongs; the variable that held it takes precedence over its
    use."""
    if key.bound_origin:
        return {parse_origin(key.bound_origin)}
    held = [each for each in PROVIDERS.values() if key.source in each.key_variables] or [spec]
    return set().union(*map(_own_origins, held))


def is_trusted_host(origin: HttpOrigin, named_hosts: Iterable[str]) -> bool:
    """Whether one of `named_hosts`, as users write them, is that origin."""
    named = {parse_origin(host) if "://" in host else parse_host(host) for host in named_hosts}
    if origin in named:
        return True
    # This machine needs no TLS, so "localhost:8080" may also mean http.
    return origin.is_loopback and any(
        (origin.host, origin.port) == (each.host, each.port) for each in named
    )


def _untrusted_host_message(target: KeyDestination, key: Secret, origin: HttpOrigin) -> str:
    clear = ", which has no TLS" if origin.scheme == "http" else ""
    setting = target.setting or f"{target.section}.base_url"
    refusal = (
        f"The key from {key.source} was not sent to {origin}{clear} ({setting}, set by "
        f"the {target.layer.value}): a key goes only to the host it belongs to. If this host is "
        "yours, name it by "
    )
    if setting.endswith("fallbacks"):
        return f"{refusal}base_url or trusted_hosts of that entry of {setting} in the user file."
    section = target.section
    return (
        f"{refusal}{section}.base_url or {section}.trusted_hosts in the user file or the "
        f"environment (DEVSTRAL_{section.upper()}_TRUSTED_HOSTS={origin})."
    )
