"""Errors for a refused key: which key, whose it seems to be, and where to get another one.

They depend only on the host and on the name of the variable that held the key. Mistral's two hosts
have separate keys and give the same answer in three cases, which the message lists.
"""

from __future__ import annotations

from devstral_lsp.errors import Unauthorized, WrongHost
from devstral_lsp.providers import PROVIDERS

_MISTRALS = ("mistral", "codestral")


def unauthorized_error(host: str, key_source: str, status: int) -> Unauthorized:
    """The error for a key that `host` refused; `key_source` is "" where none was sent."""
    if not key_source:
        sentence = f"{host} asks for a key, and none was sent.{_variable_hint(host)}"
        return Unauthorized(sentence, status=status)
    if owner := _other_owner(host, key_source):
        return WrongHost(
            f"The key from {key_source} is one for {owner}, and {host} refused it: "
            f"the two have separate keys.{_variable_hint(host)}",
            status=status,
        )
    return Unauthorized(_causes(host, key_source), status=status)


def gateway_key_error(host: str, status: int) -> Unauthorized:
    """The error for a gateway whose own key was refused by the service behind it."""
    return Unauthorized(
        f"{host} was refused by the service behind it: its own key there is wrong, revoked or "
        f"spent. Tell the operator of {host}; it is not your key.",
        status=status,
    )


def is_mistral_host(host: str) -> bool:
    """Whether `host` is one of Mistral's own."""
    return any(host in PROVIDERS[name].own_hosts for name in _MISTRALS)


def discontinued_host_advice(host: str) -> str:
    """What to do if one of Mistral's hosts no longer knows a route; "" for any other host.

    codestral.mistral.ai was reported gone in July 2026 (continuedev/continue#13049).
    """
    for name, other in (_MISTRALS, _MISTRALS[::-1]):
        if host in PROVIDERS[name].own_hosts:
            there = PROVIDERS[other]
            return (
                f" any more, so that Mistral may have discontinued it. {there.own_hosts[0]} has "
                f"the same models: set {there.key_variables[0]} to a key for it, which Mistral's "
                f'console makes, and fim.provider and chat.provider to "{other}" or "auto"'
            )
    return ""


def _causes(host: str, key_source: str) -> str:
    """Bodies and headers do not tell a bad key, a foreign one and a spent quota apart."""
    refused = f"{host} refused the key from {key_source}"
    if not is_mistral_host(host):
        return (
            f"{refused}. It is wrong, revoked or expired, or its quota is used up: "
            "see there which, or make another."
        )
    other = next(
        PROVIDERS[name].own_hosts[0] for name in _MISTRALS if host not in PROVIDERS[name].own_hosts
    )
    return (
        f"{refused}. Mistral answers the same in three cases: the key is wrong or revoked, it is "
        f"a key for {other}, which has its own, or its quota is used up. "
        "Its console shows which."
    )


def _other_owner(host: str, key_source: str) -> str:
    """The host that the key's variable names, if a provider's own host refused another's key."""
    if not any(host in spec.own_hosts for spec in PROVIDERS.values()):
        return ""
    for spec in PROVIDERS.values():
        if key_source in spec.key_variables and host not in spec.own_hosts:
            return spec.own_hosts[0] if spec.own_hosts else spec.name
    return ""


def _variable_hint(host: str) -> str:
    for spec in PROVIDERS.values():
        if host in spec.own_hosts and spec.key_variables:
            return f" Set {spec.key_variables[0]} to a key for {host}."
    return " Set one, or name the variable that holds it as `api_key_env`."
