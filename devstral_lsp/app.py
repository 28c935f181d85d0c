"""The application: builds providers and engines from settings, and replaces them on changes.

The language server, the command line and the benchmarks use it alike.
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

from devstral_lsp.completion.availability import disabled_reason, status_by_settings
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
from devstral_lsp.next_edit.engine import NextEditEngine
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
    """The application behind one editor or command. Create and use it in a running event loop."""

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
        """`status` is called with the state of completion in the current document, `keep_secret`
        with each key that is found, so that the log redacts it. `thinking_ms` is the time limit of
        `local` where the user does not wait at a keystroke.
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
        """The candidates that `_fim` was built from."""
        self._reading: asyncio.Task[None] | None = None
        self._folders: tuple[Path, ...] = ()
        self._open: dict[str, Snapshot] = {}
        self._current = ""
        self._surroundings = ContextProvider.under(resolved.settings)
        self._excluded = ExcludedDocuments(self._clock.now_s, self._kept_back)
        self._retiring: set[asyncio.Task[None]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._resolved = resolved
        self._chat = ChatConnection(resolved, self._means)
        self._refactorer: RefactorEngine | None = None
        self.next_edits = self._new_next_edits()
        """Proposes next edits; new settings may replace it."""
        self.completer = self._new_completer(None)
        """The completion engine; new settings replace it, so get it anew for each request."""
        self.configure(resolved)

    @property
    def refactorer(self) -> RefactorEngine:
        """The refactor engine; new settings replace it, so get it anew for each request. It
        connects to its provider when the user takes an offer."""
        if self._refactorer is None:
            from devstral_lsp.refactor.engine import RefactorEngine
            from devstral_lsp.refactor.prompt_context import PromptContextBuilder

            budget_tokens, notify = self.settings.context.budget_tokens, self._means.notify
            materials = PromptContextBuilder(self._surroundings, budget_tokens, notify)
            self._refactorer = RefactorEngine(self.settings, self._chat.provider, materials)
        return self._refactorer

    async def connect_chat(self) -> ChatProvider:
        """The chat provider. Raises RefactorRefused if the settings and keys allow none."""
        return await self._chat.provider()

    @property
    def settings(self) -> Settings:
        return self._resolved.settings

    @property
    def provider(self) -> str:
        """The name of the first FIM provider; "local" until a key has been found."""
        return self._fim.name if self._fim is not None else "local"

    def configure(self, resolved: ResolvedSettings) -> None:
        """Apply new settings. Running completions end.

        The key is looked up in the background, since a command or a keyring may be slow. Until
        then the current provider answers, or `local` if the endpoints have changed.
        """
        stays = fim_endpoints_unchanged(self._resolved, resolved)
        mode = self.settings.next_edit.mode
        self._resolved = resolved
        if mode != self.settings.next_edit.mode:
            self._dispose_later(self.next_edits.close())
            self.next_edits = self._new_next_edits()
        if resolved.settings.local.enabled:
            endpoint = Endpoint(local_budget_ms=self._thinking_ms)
            self._local = self._local or PROVIDERS["local"].build_fim(endpoint)
        else:
            self._local = None
        self._rebuild_context()
        self._replace_completer(self._fim if stays else None)
        self._dispose_later(_close_chat(self._refactorer, self._chat))
        self._refactorer, self._chat = None, ChatConnection(resolved, self._means)
        if self._connecting is not None:
            self._connecting.cancel()
        self._connecting = asyncio.ensure_future(self._connect(resolved))
        self._read_folders()

    async def ready(self) -> None:
        """Wait until the key has been looked up and the provider built."""
        while (connecting := self._connecting) is not None:
            await asyncio.wait((connecting,))
            if connecting is self._connecting:
                return connecting.result()

    async def warm(self) -> None:
        """Connect, so that the first completion does not wait for it."""
        await self.ready()
        if self._fim is not None:
            await self._fim.warm()

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited, which makes it the current one."""
        old = self._open.get(snapshot.uri)
        self._open[snapshot.uri] = snapshot
        if old is not None:
            self.next_edits.changed(old, snapshot)
        self.completer.changed(snapshot.uri)
        self._surroundings.changed(snapshot)
        self.focused(snapshot.uri)

    def focused(self, uri: str) -> None:
        """Make an open document the current one.

        `local` learns the previous one, and forgets this one: requests bring its text.
        """
        self._surroundings.focused(uri)
        self._excluded.changed(uri)
        if uri in self._open and uri != self._current:
            previous = self._open.get(self._current)
            self._current = uri
            forget(self._local, uri)
            self._learn(previous)
        self._report_status()

    def closed(self, uri: str) -> None:
        """A document was closed. `local` learns it, like any file of the folders."""
        snapshot = self._open.pop(uri, None)
        self._surroundings.closed(uri)
        self.next_edits.closed(uri)
        self.completer.forget(uri)
        self._learn(snapshot)
        self._excluded.closed(uri)
        self._report_status()

    def set_workspace_folders(self, folders: Sequence[Path]) -> None:
        """Set the workspace folders. `local` reads them in the background."""
        self._folders = tuple(folders)
        self._surroundings.watch_folders(folders)
        self._excluded.watch_folders(folders)
        self._read_folders()

    async def wait_until_indexed(self) -> None:
        """Wait until `local` has learned the folders and documents."""
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._local is not None:
            await self._local.warm()

    async def close(self) -> None:
        """Cancel and close everything."""
        for task in (self._connecting, self._reading):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await self.completer.close()
        await self.next_edits.close()
        await _close_chat(self._refactorer, self._chat)
        await self._surroundings.close()
        for provider in (self._fim, self._local):
            if provider is not None:
                await provider.close()

    def _replace_completer(self, fim: FimProvider | None) -> None:
        """Build a new engine, for a new provider or new settings."""
        retired, provider = self.completer, self._fim
        self._fim = fim
        self.completer = self._new_completer(fim)
        self._dispose_later(_retire(retired, provider if provider is not fim else None))
        self._on_engine_status(Status(StatusKind.NORMAL))

    def _dispose_later(self, work: Coroutine[Any, Any, None]) -> None:
        """Close in the background what has been replaced."""
        task = asyncio.ensure_future(work)
        self._retiring.add(task)
        task.add_done_callback(self._disposed)

    def _disposed(self, task: asyncio.Task[None]) -> None:
        self._retiring.discard(task)
        if not self._retiring and self._open:
            # Engine, provider and context refer to each other and may hold tens of megabytes, for
            # which Python's collector would come hours later. `task` itself would still use them.
            gc.collect()

    def _on_engine_status(self, status: Status) -> None:
        self._engine_status = status
        self._report_status()

    def _report_status(self) -> None:
        """Report the engine's status, unless settings or the current document turn it off."""
        inactive = status_by_settings(self._resolved, self._open.get(self._current))
        if inactive is None and (reason := self._excluded.reason(self._current)):
            inactive = Status(StatusKind.INACTIVE, reason)
        self._status(inactive or self._engine_status)

    def _learn(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and not self._excluded.reason(snapshot.uri):
            learn(self._local, snapshot)

    def _kept_back(self, uri: str) -> None:
        """A document became excluded or allowed: `local` must not suggest excluded text."""
        if self._excluded.reason(uri):
            forget(self._local, uri)
        self._report_status()

    def _new_completer(self, fim: FimProvider | None) -> CompletionEngine:
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

    def _new_next_edits(self) -> NextEditEngine:
        return NextEditEngine(
            is_on=self.settings.next_edit.mode != "off",
            may_use=self._may_learn_changes,
            now_s=self._clock.now_s,
        )

    async def _may_learn_changes(self, snapshot: Snapshot) -> bool:
        if disabled_reason(self.settings, snapshot):
            return False
        return not await self._excluded.found(snapshot.uri)

    def _rebuild_context(self) -> None:
        """Build the context sources anew and give them the open documents."""
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
            return  # keeps its open connections and measured latency
        fim = await asyncio.to_thread(build_fim_provider, line, means)
        if fim is not None or self._fim is not None:
            self._replace_completer(fim)
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
