"""From settings and keys to the endpoints that complete or chat, or to the reason for none.

Nothing is connected here. Where keys are found, and where they may go, is decided in `config/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import takewhile
from pathlib import Path

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.config.auto_provider import (
    AUTO_PROVIDERS,
    resolve_chat_provider,
    resolve_fim_provider,
)
from devstral_lsp.config.endpoint_settings import Fallback
from devstral_lsp.config.key_policy import KeyDestination, authorize_key
from devstral_lsp.config.keys import (
    EditorKeyLookup,
    Keyring,
    KeyStores,
    find_key,
    key_command_runner,
    key_from_editor,
    no_editor_keys,
)
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.network_options import LITERAL_HEADER_SOURCE, network_options_for
from devstral_lsp.config.schema import ChatSettings, FimSettings
from devstral_lsp.endpoints.notices import (
    NO_CHAT_KEY,
    NO_KEY,
    misnamed_key_notices,
    no_address_notice,
    no_key_notice,
)
from devstral_lsp.errors import KeyNotSent
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, Notice, NoticeSeverity, Notify, Secret
from devstral_lsp.providers.metering import Price

NARROWED = "narrowed"
"""The topic of the notice that the settings must be corrected first."""

_NEEDS_KEY = {
    NO_KEY: "devstral-lsp has no key yet, so completions come from your own code alone",
    NO_CHAT_KEY: "Refactoring needs a model, and devstral-lsp has no key for one yet",
}


_OF_ENDPOINTS = (*(each.name for each in fields(Fallback)), "fallbacks", "total_timeout_ms")
"""The settings of a section that select endpoints, as opposed to what is requested."""


@dataclass(frozen=True, slots=True)
class ResolvedProvider:
    """A provider and its endpoint; None if no model can be asked, and then `notices` say why.

    `replicas` are further endpoints of the same provider, which share the load. An `is_spare` one
    is used only if the provider before it no longer has the requested model.
    """

    provider: str
    endpoint: Endpoint | None = None
    notices: tuple[Notice, ...] = ()
    replicas: tuple[Endpoint, ...] = ()
    is_spare: bool = False

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoint and its replicas."""
        return (self.endpoint, *self.replicas) if self.endpoint is not None else ()

    def secrets(self) -> Iterator[Secret]:
        """What must not appear in any output."""
        for each in self.endpoints:
            further = (
                value
                for _, value in each.connection.headers
                if value.source != LITERAL_HEADER_SOURCE
            )
            own = (each.key, each.connection.client_key_password)
            yield from (value for value in (*own, *further) if value is not None)


def fim_candidates(
    resolved: ResolvedSettings,
    environ: Mapping[str, str],
    editor_keys: EditorKeyLookup = no_editor_keys,
    folders: Sequence[Path] = (),
) -> tuple[ResolvedProvider, ...]:
    """The FIM providers to try, in order. Blocks (it may run a program): call it in a thread.

    `editor_keys` asks the editor for the keys that it stores. No program that is run for a key may
    lie in the workspace's `folders`. `local`, which always comes last, is included only if the
    settings name it first: then nothing leaves the machine. No key is looked up while settings are
    narrowed.
    """
    if resolved.narrowed:
        return (ResolvedProvider("local"),)
    fim, notices = resolved.settings.fim, list[Notice]()
    keyring = Keyring(key_command_runner(resolved.settings, environ, folders))
    section = _SectionResolver("fim", fim, resolved, NO_KEY, editor_keys, keyring)
    is_stored = partial(section.is_stored, notify=notices.append)
    name = resolve_fim_provider(fim, environ, is_stored)
    return section.candidates(name, environ, notices)


def chat_candidates(
    resolved: ResolvedSettings,
    environ: Mapping[str, str],
    editor_keys: EditorKeyLookup = no_editor_keys,
    folders: Sequence[Path] = (),
) -> tuple[ResolvedProvider, ...]:
    """The chat providers to try, likewise. If none has an endpoint, the first one's last notice
    says why.
    """
    if resolved.narrowed:
        return (ResolvedProvider("", None, (Notice(NARROWED, resolved.narrowed),)),)
    chat, notices = resolved.settings.chat, list[Notice]()
    keyring = Keyring(key_command_runner(resolved.settings, environ, folders))
    section = _SectionResolver("chat", chat, resolved, NO_CHAT_KEY, editor_keys, keyring)
    is_stored = partial(section.is_stored, notify=notices.append)
    name = resolve_chat_provider(chat, environ, is_stored)
    return section.candidates(name or "", environ, notices)


def with_key_command_hint(notice: Notice, key_command: str) -> Notice:
    """`notice`; if it asks for a key, it names only the editor's `key_command`, which stores one.

    `key_command` is empty for an editor that stores no keys.
    """
    if not key_command or notice not in _NEEDS_KEY:
        return notice
    return replace(notice, message=f'{_NEEDS_KEY[notice]}: run "{key_command}" to set one.')


def fim_endpoints_unchanged(one: ResolvedSettings, other: ResolvedSettings) -> bool:
    """Whether both settings lead completions to the same endpoints, keys aside."""
    return _are_unchanged(one, other, "fim")


def chat_unchanged(one: ResolvedSettings, other: ResolvedSettings) -> bool:
    """Whether a conversation may go on under the other settings: same endpoints, same privacy."""
    mine, its = one.settings, other.settings
    is_same = (mine.chat, mine.privacy) == (its.chat, its.privacy)
    return is_same and _are_unchanged(one, other, "chat")


def _are_unchanged(one: ResolvedSettings, other: ResolvedSettings, section: str) -> bool:
    if one.narrowed or other.narrowed:
        return bool(one.narrowed and other.narrowed)

    def places(resolved: ResolvedSettings) -> tuple[object, ...]:
        mine, origins = getattr(resolved.settings, section), resolved.origins
        hosts = resolved.named_hosts.items()
        named = {key: names for key, names in hosts if names and key.split(":")[0] == section}
        own = [(getattr(mine, name), origins.get(f"{section}.{name}")) for name in _OF_ENDPOINTS]
        return own, resolved.settings.network, resolved.settings.privacy.redact_secrets, named

    return places(one) == places(other)


@dataclass(frozen=True, slots=True)
class _SectionResolver:
    """Resolves the settings of FIM or chat, or of one of its fallbacks.

    `keyless` is the notice if there is no key. `owner` is the provider of the fallback that named
    the hosts its key may go to, "" where the section named them.
    """

    name: str
    settings: FimSettings | ChatSettings
    resolved: ResolvedSettings
    keyless: Notice
    editor_keys: EditorKeyLookup
    keyring: Keyring
    owner: str = ""

    def candidates(
        self, provider: str, environ: Mapping[str, str], notices: list[Notice]
    ) -> tuple[ResolvedProvider, ...]:
        """`provider` and the section's fallbacks up to `local`, after which none is used."""
        if provider in ("", "local"):
            if self.settings.provider == "local":
                return (ResolvedProvider(provider, None, tuple(notices)),)
            misnamed = misnamed_key_notices(AUTO_PROVIDERS, environ)
            first = ResolvedProvider(provider, None, (*notices, *misnamed, self.keyless))
        else:
            first = self.resolve(provider, environ, notices)
        rows = takewhile(lambda row: row.provider != "local", self.settings.fallbacks)
        others = [self.fallback(row).resolve(row.provider, environ, []) for row in rows]
        if self.name == "fim" and not others and self.settings.provider == "auto":
            others = [*self._spares(first, environ)]
        return (_with_others(first, others), *others)

    def _spares(
        self, first: ResolvedProvider, environ: Mapping[str, str]
    ) -> Iterator[ResolvedProvider]:
        """Mistral's other host, where there is a key for it: one of the two may be discontinued.

        A keyring is opened only if the key for `first` was in one.
        """
        if first.endpoint is None or self.settings.base_url:
            return
        own = replace(self.settings, api_key_env="", api_key_command=())
        from_keyring = first.endpoint.key is not None and first.endpoint.key.source == "keyring"
        for spec in (PROVIDERS[name] for name in AUTO_PROVIDERS if name != first.provider):
            is_at_hand = from_keyring or any(map(environ.get, spec.key_variables))
            if is_at_hand or key_from_editor(spec.default_base_url, self.editor_keys) is not None:
                found = replace(self, settings=own).resolve(spec.name, environ, [])
                yield from [replace(found, is_spare=True)] if found.endpoint is not None else []

    def is_stored(self, provider: str, notify: Notify) -> bool:
        """Whether the editor or the keyring holds a key for `provider`. May block."""
        if key_from_editor(PROVIDERS[provider].default_base_url, self.editor_keys) is not None:
            return True
        return self.keyring.key(provider, notify) is not None

    def resolve(
        self, provider: str, environ: Mapping[str, str], notices: list[Notice]
    ) -> ResolvedProvider:
        """The endpoints of `provider`, with the key that may be sent there."""
        settings = self.settings
        address = settings.base_url or PROVIDERS[provider].default_base_url
        if not address:
            return ResolvedProvider(
                provider, None, (*notices, no_address_notice(provider, self.name))
            )
        key = self._find_key(provider, address, environ, notices.append)
        if key is None and not parse_origin(address).is_loopback:
            notices += misnamed_key_notices((provider,), environ)
        if key is None and PROVIDERS[provider].needs_key and not settings.base_url:
            return ResolvedProvider(
                provider, None, (*notices, no_key_notice(provider, self.keyless))
            )
        target = self._target("base_url", address)
        try:
            endpoint = self._endpoint(target, provider, key, environ, notices.append)
        except KeyNotSent as error:
            return ResolvedProvider(provider, None, (*notices, Notice("key", str(error))))
        replicas = tuple(self._replicas(provider, key, environ, notices.append))
        return ResolvedProvider(provider, endpoint, tuple(dict.fromkeys(notices)), replicas)

    def fallback(self, row: Fallback) -> _SectionResolver:
        """The resolver of one of the section's fallbacks."""
        own = {each.name: getattr(row, each.name) for each in fields(row)}
        timeout_ms = row.timeout_ms or self.settings.timeout_ms
        settings = replace(self.settings, **{**own, "timeout_ms": timeout_ms})
        variables = " or ".join(PROVIDERS[row.provider].key_variables)
        keyless = Notice(
            f"no key {row.provider}",
            f"{row.provider}, one of {self.name}.fallbacks, has no key and is left out: set "
            f"{variables} to one for it.",
        )
        return replace(self, settings=settings, keyless=keyless, owner=row.provider)

    def _replicas(
        self, provider: str, key: Secret | None, environ: Mapping[str, str], notify: Notify
    ) -> Iterator[Endpoint]:
        for address in self.settings.replicas:
            target = self._target("replicas", address)
            try:
                yield self._endpoint(target, provider, key, environ, notify)
            except KeyNotSent as error:
                notify(Notice("key", str(error)))

    def _find_key(
        self, provider: str, address: str, environ: Mapping[str, str], notify: Notify
    ) -> Secret | None:
        in_editor = partial(key_from_editor, address, self.editor_keys)
        stores = KeyStores(in_editor, self.keyring, self.keyring.run)
        return find_key(self.settings, PROVIDERS[provider], environ, notify, stores)

    def _endpoint(
        self,
        target: KeyDestination,
        provider: str,
        key: Secret | None,
        environ: Mapping[str, str],
        notify: Notify,
    ) -> Endpoint:
        """The endpoint at `target`. Raises KeyNotSent."""
        settings, network = self.settings, self.resolved.settings.network
        return Endpoint(
            base_url=target.base_url,
            key=authorize_key(target, key, provider),
            model=settings.model,
            timeout_ms=settings.timeout_ms,
            connection=network_options_for(
                target.base_url, network, settings.total_timeout_ms, environ, notify
            ),
            context_tokens=settings.context_tokens,
            price=_price(settings),
            renew_key=partial(self._find_key_again, target, provider, environ),
        )

    def _find_key_again(
        self, target: KeyDestination, provider: str, environ: Mapping[str, str]
    ) -> Secret | None:
        """The key that may be sent to `target` by now: a command or a store may hold another."""
        anew = replace(self, keyring=Keyring(self.keyring.run))
        key = anew._find_key(provider, target.base_url, environ, lambda notice: None)
        try:
            return authorize_key(target, key, provider)
        except KeyNotSent:
            return None

    def _target(self, field: str, address: str) -> KeyDestination:
        place = f"{self.name}:{self.owner}" if self.owner else self.name
        setting = f"{self.name}.{'fallbacks' if self.owner else field}"
        return KeyDestination(
            section=self.name,
            base_url=address,
            layer=self.resolved.origins[setting],
            named_hosts=self.resolved.named_hosts.get(place, ()),
            setting=setting,
        )


def _price(settings: FimSettings | ChatSettings) -> Price | None:
    prompt, completion = settings.price_prompt, settings.price_completion
    return Price(prompt, completion) if prompt is not None and completion is not None else None


def _with_others(first: ResolvedProvider, others: Sequence[ResolvedProvider]) -> ResolvedProvider:
    """`first`, without asking for its key if another provider can be used instead."""
    other = next((each.provider for each in others if each.endpoint is not None), None)
    if other is None or first.endpoint is not None:
        return first
    notices = [notice for notice in first.notices if notice not in (NO_KEY, NO_CHAT_KEY)]
    if len(notices) < len(first.notices) and first.provider not in ("", "local"):
        sentence = f"{first.provider} has no key, so {other} is used in its place."
        notices.append(Notice(f"no key {first.provider}", sentence, NoticeSeverity.INFO))
    return replace(first, notices=tuple(notices))
