"""Builds one provider from the resolved endpoints.

Looking up a key may run a command or open a keyring, and importing the HTTP client takes time: both
happen in a thread, and for chat not before the first refactoring.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from devstral_lsp.config.keys import EditorKeyLookup, no_editor_keys
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.readers import cache_folder
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.endpoints.notices import NO_KEY
from devstral_lsp.endpoints.resolve import (
    ResolvedProvider,
    chat_candidates,
    fim_candidates,
    with_key_command_hint,
)
from devstral_lsp.errors import DevstralError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    ChatProvider,
    Endpoint,
    FimProvider,
    ModelInfo,
    Notify,
    ProvidesModelInfo,
    Secret,
)
from devstral_lsp.providers.fallback import FallbackChat, FallbackFim
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from devstral_lsp.providers.metering import Meter
from devstral_lsp.refactor.types import RefactorRefused

REFUSAL_TTL_S = 30.0
"""How long it counts that there is no key for chat."""
REFUSAL_TIMEOUT_S = 0.2
"""How long code actions wait for that: variables are read at once, a key command may take time."""

_PATHS = "paths"
"""The folder of the strategy cache within the cache folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectContext:
    """Dependencies of connecting: environment, notice and secret callbacks, key store, clock.

    `editor_keys` asks the editor for the keys that it stores, which its `key_command` accepts;
    `folders` returns the workspace's folders; `now_s` returns monotonic seconds.
    """

    environ: Mapping[str, str]
    notify: Notify
    keep_secret: Callable[[Secret], None] = lambda secret: None
    editor_keys: EditorKeyLookup = no_editor_keys
    key_command: str = ""
    offers_key: bool = False
    """The editor's status asks for a missing key, so no notice does."""
    folders: Callable[[], Sequence[Path]] = lambda: ()
    placeholder_key: bytes = field(default_factory=partial(os.urandom, 16), repr=False)
    """The key that determines placeholders for secrets, the same for a whole session."""
    redacts: bool = True
    """Whether to replace secrets in requests by placeholders."""
    now_s: Callable[[], float] = time.monotonic
    meter: Callable[[str, Endpoint], Meter | None] = lambda provider, endpoint: None
    """What keeps the budget of a provider's endpoint."""


def strategy_cache(environ: Mapping[str, str]) -> StrategyCache:
    """The strategies that worked at endpoints in earlier sessions."""
    return StrategyCache(cache_folder(environ) / _PATHS)


def look_for_fim(resolved: ResolvedSettings, means: ConnectContext) -> tuple[ResolvedProvider, ...]:
    """The FIM providers to try, with their keys. Blocks, as `fim_candidates` does."""
    return fim_candidates(resolved, means.environ, means.editor_keys, means.folders())


def publish_notices(line: Sequence[ResolvedProvider], means: ConnectContext) -> None:
    """Show the user the notices of resolving, and have the keys redacted from the log."""
    for chosen in line:
        for notice in chosen.notices:
            if notice == NO_KEY and means.offers_key:
                continue
            means.notify(with_key_command_hint(notice, means.key_command))
        for secret in chosen.secrets():
            means.keep_secret(secret)


def build_fim_provider(
    line: Sequence[ResolvedProvider], means: ConnectContext
) -> FimProvider | None:
    """A FIM provider that tries `line` in order; None if it holds no endpoint.

    Call it in a thread: importing the HTTP client and loading certificates takes some 50 ms.
    """
    fim = _fim_of(line, means)
    return redacted(fim, means) if fim is not None else None


def redacted(fim: FimProvider, means: ConnectContext) -> FimProvider:
    """The provider behind redaction, where that is switched on."""
    if not means.redacts:
        return fim
    from devstral_lsp.providers.redacted import RedactedFim

    return RedactedFim(fim, means.placeholder_key)


def _fim_of(line: Sequence[ResolvedProvider], means: ConnectContext) -> FimProvider | None:
    tiers = [
        [PROVIDERS[chosen.provider].build_fim(endpoint) for endpoint in equals]
        for chosen, equals in _reached(line, means)
    ]
    if sum(map(len, tiers)) > 1:
        return FallbackFim(tiers, means.notify, means.now_s, _spare_tiers(line))
    return tiers[0][0] if tiers else None


def build_chat_provider(line: Sequence[ResolvedProvider], means: ConnectContext) -> ChatProvider:
    """A chat provider, likewise. Raises RefactorRefused if there is none."""
    chat = _chat_of(line, means)
    if not means.redacts:
        return chat
    from devstral_lsp.providers.redacted import RedactedChat

    return RedactedChat(chat, means.placeholder_key)


def _chat_of(line: Sequence[ResolvedProvider], means: ConnectContext) -> ChatProvider:
    tiers = []
    for chosen, equals in _reached(line, means):
        build = PROVIDERS[chosen.provider].build_chat
        if build is None:
            raise RefactorRefused(
                f"{chosen.provider} cannot be asked to refactor: choose another chat.provider."
            )
        tiers.append([build(endpoint) for endpoint in equals])
    if not tiers:
        raise RefactorRefused(_refusal(line, means))
    if sum(map(len, tiers)) > 1:
        return FallbackChat(tiers, means.notify, means.now_s, _spare_tiers(line))
    return tiers[0][0]


def _spare_tiers(line: Sequence[ResolvedProvider]) -> frozenset[int]:
    """The numbers of the tiers that are asked only in place of one that is gone."""
    reached = [chosen for chosen in line if chosen.endpoints]
    return frozenset(number for number, chosen in enumerate(reached) if chosen.is_spare)


def _refusal(line: Sequence[ResolvedProvider], means: ConnectContext) -> str:
    """Why none of `line` has an endpoint."""
    first = line[0]
    if not first.notices:
        return f"{first.provider} cannot be asked to refactor: choose another chat.provider."
    return with_key_command_hint(first.notices[-1], means.key_command).message


def _reached(
    line: Sequence[ResolvedProvider], means: ConnectContext
) -> Iterator[tuple[ResolvedProvider, tuple[Endpoint, ...]]]:
    known = strategy_cache(means.environ)
    for chosen in line:
        if chosen.endpoints:
            yield (
                chosen,
                tuple(
                    replace(
                        each,
                        notify=means.notify,
                        strategy_cache=known,
                        renew_key=partial(_renew_key, each, means),
                        meter=means.meter(chosen.provider, each),
                    )
                    for each in chosen.endpoints
                ),
            )


def _renew_key(endpoint: Endpoint, means: ConnectContext) -> Secret | None:
    key = endpoint.renew_key()
    if key is not None:
        means.keep_secret(key)
    return key


class ChatConnection:
    """The chat provider of one set of settings, built at the first request for it."""

    def __init__(self, resolved: ResolvedSettings, means: ConnectContext) -> None:
        self._resolved = resolved
        self._means = means
        self._making: asyncio.Task[ChatProvider] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._refusal, self._checked_s = "", -math.inf

    async def provider(self) -> ChatProvider:
        """The provider, the same at each call. Raises RefactorRefused, which says what to do.

        A refusal is not remembered: the user may have set a key since. Cancelling one caller does
        not affect others.
        """
        if self._making is None or (self._making.done() and not _succeeded(self._making)):
            self._making = asyncio.create_task(self._make(), name="connect for chat")
            self._making.add_done_callback(_succeeded)
        making = self._making
        try:
            # asyncio.shield would report a failure that a cancelled caller does not see any more.
            await asyncio.wait((making,))
            return making.result()
        except asyncio.CancelledError:
            if not making.cancelled():
                raise
            raise RefactorRefused(
                "The settings were changed meanwhile, so nothing was changed: ask again."
            ) from None

    async def refusal(self) -> str:
        """Why there is no model to ask, "" if there is or it is not known yet.

        Found out in the background: this waits for a moment, and a refusal is looked at anew after
        REFUSAL_TTL_S, since the user may have set a key.
        """
        if self._making is not None and self._making.done() and _succeeded(self._making):
            return ""
        is_due = self._means.now_s() - self._checked_s >= REFUSAL_TTL_S
        if self._checking is None or (self._checking.done() and self._refusal and is_due):
            self._checking = asyncio.create_task(self._check(), name="look for a chat key")
            self._checking.add_done_callback(_succeeded)
        await asyncio.wait({self._checking}, timeout=REFUSAL_TIMEOUT_S)
        return self._refusal

    async def close(self) -> None:
        """Close the provider and its streams, if there is one."""
        if self._checking is not None:
            self._checking.cancel()
        making, self._making = self._making, None
        if making is None:
            return
        making.cancel()
        await asyncio.wait((making,))
        if _succeeded(making):
            await making.result().close()

    async def _candidates(self) -> tuple[ResolvedProvider, ...]:
        means = self._means
        return await run_in_daemon_thread(
            partial(
                chat_candidates, self._resolved, means.environ, means.editor_keys, means.folders()
            )
        )

    async def _check(self) -> None:
        self._checked_s = self._means.now_s()
        line = await self._candidates()
        has_endpoint = any(chosen.endpoints for chosen in line)
        self._refusal = "" if has_endpoint else _refusal(line, self._means)

    async def _make(self) -> ChatProvider:
        means, line = self._means, await self._candidates()
        if any(chosen.endpoints for chosen in line):
            publish_notices(line, means)
        means = replace(means, redacts=self._resolved.settings.privacy.redact_secrets)
        return await asyncio.to_thread(build_chat_provider, line, means)


async def find_model_info(
    fim: FimProvider | None, chat: Callable[[], Awaitable[ChatProvider]], *, for_fim: bool
) -> ModelInfo:
    """What is known of the model that answers completions, or of that which chats."""
    with suppress(DevstralError):  # The settings have changed, and allow no chat any more.
        provider = fim if for_fim else await chat()
        if isinstance(provider, ProvidesModelInfo):
            return await provider.model_info(for_fim=for_fim)
    return ModelInfo(model="")


def _succeeded(task: asyncio.Task[Any]) -> bool:
    """Whether it did its work. Retrieves the exception, so that asyncio does not log it."""
    return not task.cancelled() and task.exception() is None
