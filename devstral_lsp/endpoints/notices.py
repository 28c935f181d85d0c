"""Notices about a configured provider that has no address or no key."""

from __future__ import annotations

from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Notice

NO_ADDRESS = "no address"
"""The topic of the notice about a provider whose server may be anywhere."""


def no_address_notice(provider: str, section: str) -> Notice:
    """For a provider without an address of its own; `section` is "fim" or "chat"."""
    return Notice(
        NO_ADDRESS,
        f"Where to find {provider} is not known: set {section}.base_url to the address of its "
        "server.",
    )


def missing_key_message(provider: str) -> str:
    """The sentence for a provider that was named, and has no key."""
    variable = PROVIDERS[provider].key_variables[0]
    return f"{provider} needs a key and none is set: set {variable} to one for it."


def no_key_notice(provider: str, usual: Notice) -> Notice:
    """`usual`, which speaks of Mistral's keys, or one that names the provider's own variable."""
    variables = PROVIDERS[provider].key_variables
    if any(variable in usual.message for variable in variables):
        return usual
    return Notice(usual.topic, missing_key_message(provider))
