"""Notices about a configured provider that has no address or no key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from devstral_lsp.config.nearest import near
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Notice, NoticeSeverity

NO_KEY = Notice(
    "no key",
    "devstral-lsp has no key yet, so completions come from your own code alone. For Codestral, set "
    "MISTRAL_API_KEY or CODESTRAL_API_KEY where your editor starts, or name a command that prints "
    "the key as fim.api_key_command in the user file; `devstral-lsp doctor` tells more.",
    NoticeSeverity.INFO,
)
NO_CHAT_KEY = Notice(
    "no chat key",
    "Refactoring needs a model, and devstral-lsp has no key for one yet: set MISTRAL_API_KEY or "
    "CODESTRAL_API_KEY where your editor starts, or name a command that prints the key as "
    "chat.api_key_command in the user file.",
)

NO_ADDRESS = "no address"
"""The topic of the notice about a provider whose server may be anywhere."""


_MIN_SIMILARITY = 0.8
_KEY_WORDS = frozenset({"KEY", "APIKEY", "TOKEN", "SECRET"})


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


def misnamed_key_notices(providers: Sequence[str], environ: Mapping[str, str]) -> Iterator[Notice]:
    """Notices about variables whose names look like typos of a key variable of `providers`."""
    wanted = [variable for name in providers for variable in PROVIDERS[name].key_variables]
    known = {variable for spec in PROVIDERS.values() for variable in spec.key_variables}
    for name in sorted(environ):
        if environ[name].strip() and name not in known and (meant := _meant(name, wanted)):
            sentence = f"{name} is set, and is no variable that is looked at. Did you mean {meant}?"
            yield Notice("key", sentence)


def _meant(name: str, variables: Sequence[str]) -> str:
    """The variable that `name` was probably meant to be; "" if none."""
    for each in variables:
        if name.upper() == each or near(name.upper(), [each], _MIN_SIMILARITY):
            return each
        owner, words = each.partition("_")[0], name.upper().replace("-", "_").split("_")
        if owner in (words[0], "".join(words[:2])) and not _KEY_WORDS.isdisjoint(words):
            return each
    return ""
