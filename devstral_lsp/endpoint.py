"""From settings and keys to the endpoint that completes or chats, or to why there is none.

Nothing is connected here, and no key is looked at: where one is found and where it may go is
decided in `config/`. Used by `app.py`, and by `checkup.py`, which tells the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from devstral_lsp.config.choice import chat_model, chat_provider, fim_provider
from devstral_lsp.config.keys import Kept, find_key, key_in_editor, key_in_keyring, nothing_kept
from devstral_lsp.config.layers import Resolved
from devstral_lsp.config.schema import ChatSettings, FimSettings
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
NO_CHAT_KEY = Notice(
    "no chat key",
    "Refactoring needs a model, and devstral-lsp has no key for one yet: set MISTRAL_API_KEY or "
    "CODESTRAL_API_KEY where your editor starts, or name a command that prints the key as "
    "chat.api_key_command in the user file.",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who answers. `endpoint` is None where no model can be asked, and `notices` say why."""

    provider: str
    endpoint: Endpoint | None = None
    notices: tuple[Notice, ...] = ()


def choose_fim(resolved: Resolved, environ: Mapping[str, str], kept: Kept = nothing_kept) -> Chosen:
    """The provider that the settings and the keys at hand lead to. Blocks: run it in a thread.

    `kept` asks the editor for the keys that it keeps.
    """
    fim = resolved.settings.fim
    notices: list[Notice] = []
    is_stored = partial(_is_stored, kept=kept, notify=notices.append)
    name = fim_provider(fim, PROVIDERS, environ, is_stored)
    if name == "local":
        told = NO_KEY if fim.provider == "auto" else None
        return Chosen(name, None, (*notices, told) if told else tuple(notices))
    return _Section("fim", fim, resolved, NO_KEY, kept).chosen(name, environ, notices)


def choose_chat(
    resolved: Resolved, environ: Mapping[str, str], kept: Kept = nothing_kept
) -> Chosen:
    """The provider of conversations, likewise. Without an endpoint the last notice says why."""
    chat = resolved.settings.chat
    notices: list[Notice] = []
    is_stored = partial(_is_stored, kept=kept, notify=notices.append)
    name = chat_provider(chat, PROVIDERS, environ, is_stored)
    if name is None:
        return Chosen("", None, (*notices, NO_CHAT_KEY))
    named = replace(chat, model=chat_model(chat, name))
    return _Section("chat", named, resolved, NO_CHAT_KEY, kept).chosen(name, environ, notices)


@dataclass(frozen=True, slots=True)
class _Section:
    """The settings of one kind of request; `keyless` is what is told where it has no key."""

    name: str
    settings: FimSettings | ChatSettings
    resolved: Resolved
    keyless: Notice
    kept: Kept

    def chosen(self, provider: str, environ: Mapping[str, str], notices: list[Notice]) -> Chosen:
        """The endpoint of `provider`, with the key that may go there."""
        settings = self.settings
        address = settings.base_url or PROVIDERS[provider].default_base_url
        if not address:
            return Chosen(provider, None, (*notices, _no_address(provider, self.name)))
        in_editor = partial(key_in_editor, address, self.kept)
        key = find_key(settings, PROVIDERS[provider], environ, notices.append, in_editor)
        try:
            sent = key_for(self._target(), key, provider, PROVIDERS)
        except KeyRefused as error:
            return Chosen(provider, None, (*notices, Notice("key", str(error))))
        if sent is None and PROVIDERS[provider].needs_key and not settings.base_url:
            return Chosen(provider, None, (*notices, _no_key(provider, self.keyless)))
        endpoint = Endpoint(
            base_url=address,
            key=sent,
            model=settings.model,
            timeout_ms=settings.timeout_ms,
        )
        return Chosen(provider, endpoint, tuple(notices))

    def _target(self) -> Target:
        return Target(
            section=self.name,
            base_url=self.settings.base_url,
            layer=self.resolved.origins[f"{self.name}.base_url"],
            named_hosts=self.resolved.named_hosts.get(self.name, ()),
        )


def _no_address(provider: str, section: str) -> Notice:
    return Notice(
        "no address",
        f"Where to find {provider} is not known: set {section}.base_url to the address of its "
        "server.",
    )


def _no_key(provider: str, usual: Notice) -> Notice:
    """`usual` speaks of Mistral's keys."""
    variables = PROVIDERS[provider].key_variables
    if any(variable in usual.sentence for variable in variables):
        return usual
    return Notice(
        usual.topic, f"{provider} needs a key and none is set: set {variables[0]} to one for it."
    )


def _is_stored(provider: str, kept: Kept, notify: Notify) -> bool:
    if key_in_editor(PROVIDERS[provider].default_base_url, kept) is not None:
        return True
    return key_in_keyring(provider, notify) is not None
