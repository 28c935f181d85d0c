"""The FIM provider of the current settings, connected in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.endpoints.connect import (
    ConnectContext,
    build_fim_provider,
    look_for_fim,
    publish_notices,
)
from devstral_lsp.endpoints.notices import NO_KEY
from devstral_lsp.endpoints.resolve import ResolvedProvider
from devstral_lsp.providers.base import FimProvider


class FimConnection:
    """Looks up keys, and builds the provider. `found` is called when that is another one, `missing`
    where there is none, with whether that is for want of a key."""

    def __init__(
        self,
        means: ConnectContext,
        found: Callable[[FimProvider | None], None],
        missing: Callable[[bool], None],
    ) -> None:
        self._means = means
        self._found = found
        self._missing = missing
        self._candidates: tuple[ResolvedProvider, ...] = ()
        self._connecting: asyncio.Task[None] | None = None

    def start(self, resolved: ResolvedSettings, current: FimProvider | None) -> None:
        """Begin anew. `current` is the provider in use, which stays if the endpoints are the same:
        it keeps its open connections and measured latency."""
        if self._connecting is not None:
            self._connecting.cancel()
        self._connecting = asyncio.ensure_future(self._connect(resolved, current))

    async def ready(self) -> None:
        """Wait until the key has been looked up and the provider built."""
        while (connecting := self._connecting) is not None:
            await asyncio.wait((connecting,))
            if connecting is self._connecting:
                return connecting.result()

    async def close(self) -> None:
        """End looking for a provider. The one that was found is closed by its user."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)

    async def _connect(self, resolved: ResolvedSettings, current: FimProvider | None) -> None:
        means = replace(self._means, redacts=resolved.settings.privacy.redact_secrets)
        line = await run_in_daemon_thread(partial(look_for_fim, resolved, means))
        publish_notices(line, means)
        if line == self._candidates and current is not None:
            return
        fim = await asyncio.to_thread(build_fim_provider, line, means)
        if fim is not None or current is not None:
            self._found(fim)
        self._candidates = line
        if fim is None:
            self._missing(any(NO_KEY in chosen.notices for chosen in line))
