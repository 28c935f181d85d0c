"""From settings to something that completes: providers, keys, the engine, and what `local` reads.

Used alike by the language server, the command line and the benchmarks. It knows no LSP: documents
come as snapshots, messages to the user leave as notices.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devstral_lsp.completion.availability import status_by_settings
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.companion import Companion
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.excluded import ExcludedDocuments
from devstral_lsp.completion.learning import forget, learn, read_workspace
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.schema import Settings
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.endpoints.connect import (
    ChatConnection,
    ConnectContext,
    build_fim_provider,
    look_for_fim,
    publish_notices,
)
from devstral_lsp.endpoints.resolve import ResolvedProvider, fim_endpoints_unchanged
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    ChatProvider,
    Endpoint,
    FimProvider,
    LearnsFromText,
    Notify,
    Secret,
)
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.refactor.engine import RefactorEngine


class App:
    """Everything behind one editor or one command. Made and used within a running event loop."""

    def __init__(
        self,
        resolved: ResolvedSettings,
        *,
        notify: Notify = lambda notice: None,
        status: Callable[[Status], None] = lambda status: None,
        keep_secret: Callable[[Secret], None] = lambda secret: None,
        companion: Companion | None = None,
        thinking_ms: float | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
    ) -> None:
        """`keep_secret` is told each key that is found, so that no log line repeats it.

        `status` hears how completion is doing in the document that is looked at. `thinking_ms` is
        how long `local` may think where nobody is typing.
        """
        self._status = status
        self._companion = companion or Companion()
        self._engine_status = Status(StatusKind.NORMAL)
        self._clock = clock or Clock()
        self._means = ConnectContext(
            environ=environ,
            notify=notify,
            keep_secret=keep_secret,
            kept=self._companion.kept,
            key_command=self._companion.key_command,
            folders=lambda: self._folders,
            now_s=self._clock.now_s,
        )
        self._thinking_ms = thinking_ms
        self._local: FimProvider | None = None
        self._fim: FimProvider | None = None
        self._fim_candidates: tuple[ResolvedProvider, ...] = ()
        """What `_fim` was made of."""
        self._reading: asyncio.Task[None] | None = None
        self._folders: tuple[Path, ...] = ()
        self._open: dict[str, Snapshot] = {}
        self._current = ""
        self._surroundings = ContextProvider.under(resolved.settings)
        self._excluded = ExcludedDocuments(self._clock.now_s, self._kept_back)
        self._retiring: set[asyncio.Task[None]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._resolved = resolved
        self._chat = self._new_chat_connection()
        self._refactorer: RefactorEngine | None = None
        self._completer = self._engine(None)
        self.configure(resolved)

    @property
    def completer(self) -> CompletionEngine:
        """The engine for the settings in force; ask for it anew for each request."""
        return self._completer

    @property
    def refactorer(self) -> RefactorEngine:
        """The engine of refactoring for the settings in force; ask for it anew each time. Its
        provider is connected when the first offer is taken."""
        if self._refactorer is None:
            from devstral_lsp.refactor.engine import RefactorEngine
            from devstral_lsp.refactor.prompt_context import PromptContextBuilder

            budget_tokens, notify = self.settings.context.budget_tokens, self._means.notify
            materials = PromptContextBuilder(self._surroundings, budget_tokens, notify)
            self._refactorer = RefactorEngine(self.settings, self._chat.provider, materials)
        return self._refactorer

    async def connect_chat(self) -> ChatProvider:
        """Who answers conversations under the settings in force.

        Raises RefactorRefused if nobody can.
        """
        return await self._chat.provider()

    @property
    def settings(self) -> Settings:
        return self._resolved.settings

    @property
    def provider(self) -> str:
        """Who is asked first, by the word of the settings; "local" until a key has been found."""
        return self._fim.name if self._fim is not None else "local"

    def configure(self, resolved: ResolvedSettings) -> None:
        """Take new settings. Answers under way end; what follows obeys the new ones.

        The key is looked for in the background: a command or a keyring may take its time. Until
        then the provider that stands answers, or `local` if another endpoint is to be asked.
        """
        stays = fim_endpoints_unchanged(self._resolved, resolved)
        self._resolved = resolved
        if resolved.settings.local.enabled:
            endpoint = Endpoint(local_budget_ms=self._thinking_ms)
            self._local = self._local or PROVIDERS["local"].build_fim(endpoint)
        else:
            self._local = None
        self._rebuild_context()
        self._replace(self._fim if stays else None)
        self._change_chat()
        if self._connecting is not None:
            self._connecting.cancel()
        self._connecting = asyncio.ensure_future(self._connect(resolved))
        self._read_folders()

    async def ready(self) -> None:
        """Wait until the key has been looked for and the provider stands."""
        while (connecting := self._connecting) is not None:
            await asyncio.wait((connecting,))
            if connecting is self._connecting:
                return connecting.result()

    async def warm(self) -> None:
        """Open what the first completion would otherwise wait for."""
        await self.ready()
        if self._fim is not None:
            await self._fim.warm()

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited. `local` learns the others, and sees this one whole."""
        self._open[snapshot.uri] = snapshot
        self._completer.changed(snapshot.uri)
        self._surroundings.changed(snapshot)
        self.focused(snapshot.uri)

    def focused(self, uri: str) -> None:
        """This document is looked at; what is not open is passed over."""
        self._surroundings.focused(uri)
        self._excluded.changed(uri)
        if uri in self._open and uri != self._current:
            previous = self._open.get(self._current)
            self._current = uri
            forget(self._local, uri)
            self._learn(previous)
        self._tell_status()

    def shown(self, completion_id: str) -> None:
        """A completion is on the screen now."""
        self.completer.shown(completion_id)

    def accepted(self, completion_id: str) -> None:
        """A completion was taken, wholly or in part."""
        self.completer.accepted(completion_id)

    def closed(self, uri: str) -> None:
        """A document was closed. What it taught `local` stays, like any file of the folder."""
        snapshot = self._open.pop(uri, None)
        self._surroundings.closed(uri)
        self.completer.forget(uri)
        self._learn(snapshot)
        self._excluded.closed(uri)
        self._tell_status()

    def set_workspace_folders(self, folders: Sequence[Path]) -> None:
        """These are the workspace folders; `local` reads them in the background."""
        self._folders = tuple(folders)
        self._surroundings.watch_folders(folders)
        self._excluded.watch_folders(folders)
        self._read_folders()

    async def wait_until_indexed(self) -> None:
        """Wait until `local` has read the folders and knows all that it was shown."""
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._local is not None:
            await self._local.warm()

    async def close(self) -> None:
        """Hang up and close everything."""
        for task in (self._connecting, self._reading):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await self.completer.close()
        await _close_chat(self._refactorer, self._chat)
        await self._surroundings.close()
        for provider in (self._fim, self._local):
            if provider is not None:
                await provider.close()

    def _replace(self, fim: FimProvider | None) -> None:
        """A new engine for a new provider or new settings."""
        retired, provider = self._completer, self._fim
        self._fim = fim
        self._completer = self._engine(fim)
        self._dispose_later(_retire(retired, provider if provider is not fim else None))
        self._on_engine_status(Status(StatusKind.NORMAL))

    def _change_chat(self) -> None:
        """Conversations under way end; the next one is had under the new settings."""
        self._dispose_later(_close_chat(self._refactorer, self._chat))
        self._refactorer = None
        self._chat = self._new_chat_connection()

    def _new_chat_connection(self) -> ChatConnection:
        return ChatConnection(self._resolved, self._means)

    def _dispose_later(self, work: Coroutine[Any, Any, None]) -> None:
        """Close in the background what has been replaced."""
        task = asyncio.ensure_future(work)
        self._retiring.add(task)
        task.add_done_callback(self._disposed)

    def _disposed(self, task: asyncio.Task[None]) -> None:
        self._retiring.discard(task)
        if not self._retiring and self._open:
            # Engine, provider and context know each other, and may hold tens of megabytes: Python's
            # collector would leave them for hours, and for good where they are frozen, as the
            # server's first ones are. Within the work itself they would be in use.
            is_frozen = gc.get_freeze_count() > 0
            gc.unfreeze()
            gc.collect()
            if is_frozen:
                gc.freeze()

    def _on_engine_status(self, status: Status) -> None:
        """The engine says how it is doing."""
        self._engine_status = status
        self._tell_status()

    def _tell_status(self) -> None:
        """What the engine said last, unless the settings or the current document say otherwise."""
        inactive = status_by_settings(self._resolved, self._open.get(self._current))
        if inactive is None and (reason := self._excluded.reason(self._current)):
            inactive = Status(StatusKind.INACTIVE, reason)
        self._status(inactive or self._engine_status)

    def _learn(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and not self._excluded.reason(snapshot.uri):
            learn(self._local, snapshot)

    def _kept_back(self, uri: str) -> None:
        """A document is kept from assistants, or no more: `local` would say it in other files."""
        if self._excluded.reason(uri):
            forget(self._local, uri)
        self._tell_status()

    def _engine(self, fim: FimProvider | None) -> CompletionEngine:
        return CompletionEngine(
            self.settings,
            fim=fim,
            local=self._local,
            head=self._surroundings.prompt_prefix,
            tell=self._on_engine_status,
            ready=self._companion.ready,
            excluded=self._excluded.found,
            clock=self._clock,
        )

    def _rebuild_context(self) -> None:
        """New settings may want other context; what is open is known to it again."""
        self._dispose_later(self._surroundings.close())
        self._surroundings = ContextProvider.under(self.settings)
        self._surroundings.watch_folders(self._folders)
        for snapshot in self._open.values():
            self._surroundings.changed(snapshot)

    async def _connect(self, resolved: ResolvedSettings) -> None:
        means = replace(self._means, redacts=resolved.settings.privacy.redact_secrets)
        line = await run_in_daemon_thread(partial(look_for_fim, resolved, means))
        publish_notices(line, means)
        if line == self._fim_candidates and self._fim is not None:
            return  # its connections stand, and know how quick they are
        fim = await asyncio.to_thread(build_fim_provider, line, means)
        if fim is not None or self._fim is not None:
            self._replace(fim)
        self._fim_candidates = line

    def _read_folders(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if (
            self._folders
            and self.settings.local.workspace
            and isinstance(self._local, LearnsFromText)
        ):
            reading = read_workspace(self._local, self._folders, self.settings.local, self._open)
            self._reading = asyncio.ensure_future(reading)


async def _retire(completer: CompletionEngine, provider: FimProvider | None) -> None:
    await completer.close()
    if provider is not None:
        await provider.close()


async def _close_chat(refactorer: RefactorEngine | None, chat: ChatConnection) -> None:
    if refactorer is not None:
        await refactorer.close()
    await chat.close()
