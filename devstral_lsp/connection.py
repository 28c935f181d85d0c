"""The provider of conversations for the settings in force, made when one is first needed.

Looking for a key may run a command or open a keyring, and the HTTP client takes its time to load:
both wait for the first refactoring, and happen in a thread. It knows no document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from devstral_lsp.config.keys import Kept
from devstral_lsp.config.layers import Resolved
from devstral_lsp.endpoint import choose_chat
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import ChatProvider, Endpoint, Notify, Secret
from devstral_lsp.refactor.base import Refused


class ChatConnection:
    """One set of settings, and their provider once somebody has asked for it."""

    def __init__(
        self,
        resolved: Resolved,
        environ: Mapping[str, str],
        notify: Notify,
        keep_secret: Callable[[Secret], None],
        kept: Kept,
    ) -> None:
        self._resolved = resolved
        self._environ = environ
        self._notify = notify
        self._keep_secret = keep_secret
        self._kept = kept
        self._making: asyncio.Task[ChatProvider] | None = None

    async def provider(self) -> ChatProvider:
        """The provider, the same at each call. Raises Refused with what to do for one.

        A refusal is not remembered: the user may have put a key where it is looked for. Who stops
        waiting does not stop the others.
        """
        if self._making is None or (self._making.done() and not _succeeded(self._making)):
            self._making = asyncio.create_task(self._make(), name="connect for chat")
            self._making.add_done_callback(_succeeded)
        return await asyncio.shield(self._making)

    async def close(self) -> None:
        """Hang up and close the provider, if there is one."""
        making, self._making = self._making, None
        if making is None:
            return
        making.cancel()
        await asyncio.wait((making,))
        if _succeeded(making):
            await making.result().close()

    async def _make(self) -> ChatProvider:
        chosen = await asyncio.to_thread(choose_chat, self._resolved, self._environ, self._kept)
        endpoint = chosen.endpoint
        if endpoint is None:
            raise Refused(chosen.notices[-1].sentence)
        for notice in chosen.notices:
            self._notify(notice)
        if endpoint.key is not None:
            self._keep_secret(endpoint.key)
        endpoint = replace(endpoint, notify=self._notify)
        return await asyncio.to_thread(_built, chosen.provider, endpoint)


def _built(name: str, endpoint: Endpoint) -> ChatProvider:
    build = PROVIDERS[name].build_chat
    if build is None:
        raise Refused(f"{name} cannot be asked to refactor: choose another chat.provider.")
    return build(endpoint)


def _succeeded(task: asyncio.Task[ChatProvider]) -> bool:
    """Whether a provider came of it. Takes the error, so that asyncio does not print it."""
    return not task.cancelled() and task.exception() is None
