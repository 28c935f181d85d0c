"""The application: builds providers and engines from settings, and replaces them on changes.

The language server, the command line and the benchmarks use it alike.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from devstral_lsp.completion.availability import status_by_settings
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.editor_extension import EditorExtension
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.excluded import ExcludedDocuments
from devstral_lsp.completion.learning import WorkspaceReading, forget, learn
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.status_reporter import StatusReporter
from devstral_lsp.completion.switches import Switches
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.readers import state_folder
from devstral_lsp.config.schema import Settings
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.endpoints.connect import ChatConnection, ConnectContext, find_model_info, redacted
from devstral_lsp.endpoints.disposal import Disposal
from devstral_lsp.endpoints.fim_connection import FimConnection
from devstral_lsp.endpoints.resolve import chat_unchanged, fim_endpoints_unchanged
from devstral_lsp.next_edit.engine import NextEditEngine
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import (
    ChatProvider,
    Endpoint,
    FimProvider,
    ModelInfo,
    Notice,
    Notify,
    Secret,
)
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.refactor.engines import ChatLink, RefactorEngines
from devstral_lsp.text import Snapshot
from devstral_lsp.usage.governor import Governor
from devstral_lsp.usage.recorder import UsageRecorder

if TYPE_CHECKING:
    from devstral_lsp.completion.preview import PromptPreview
    from devstral_lsp.completion.types import CompletionRequest
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
        extension: EditorExtension | None = None,
        editor: str = "",
        thinking_ms: float | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
    ) -> None:
        """`status` is called with the state of completion in the current document, `keep_secret`
        with each key that is found, so that the log redacts it. `thinking_ms` is the time limit of
        `local` where the user does not wait at a keystroke. Without the name of an `editor`,
        nothing is written to the ledger.
        """
        self._extension = extension or EditorExtension()
        self._clock = clock or Clock()
        self._governor = Governor(resolved.settings.limits, partial(state_folder, environ))
        self._means = ConnectContext(
            environ=environ,
            notify=notify,
            keep_secret=keep_secret,
            editor_keys=self._extension.editor_keys,
            key_command=self._extension.key_command,
            offers_key=self._extension.offers_remedies,
            folders=lambda: self._folders,
            now_s=self._clock.now_s,
            meter=self._governor.meter,
        )
        self._thinking_ms = thinking_ms
        self._local: FimProvider | None = None
        self._fim: FimProvider | None = None
        self._warmed: FimProvider | None = None
        self._reading = WorkspaceReading()
        self._folders: tuple[Path, ...] = ()
        self._open: dict[str, Snapshot] = {}
        self._surroundings = ContextProvider.of(resolved.settings, self._extension.definition)
        self._excluded = ExcludedDocuments(self._clock.now_s, self._kept_back)
        self.switches = Switches(self._clock, lambda: self.reporter.report())
        self.reporter = StatusReporter(
            status,
            settings=lambda: self._resolved,
            opened=self._open,
            switches=self.switches,
            excluded=self._excluded,
            summary=lambda: self._governor.summary,
        )
        self._governor.told = self.reporter.summary_changed
        self._disposal = Disposal(lambda: bool(self._open))
        self._connection = FimConnection(
            *(self._means, self._replace_completer, self.reporter.fim_missing)
        )
        self._resolved = resolved
        self._refactorers = RefactorEngines(
            ChatConnection(resolved, self._means), self._new_refactorer
        )
        self.recorder = UsageRecorder(
            *(editor, self._find_model_info, self._open.get, self._clock.sleep_s)
        )
        self.next_edits = self._new_next_edits()
        """Proposes next edits; new settings may replace it."""
        self.completer = self._new_completer(None)
        """The completion engine; new settings replace it, so get it anew for each request."""
        self.configure(resolved)

    @property
    def refactorer(self) -> RefactorEngine:
        """The refactor engine; new settings replace it, so get it anew for each request. It
        connects to its provider when the user takes an offer."""
        return self._refactorers.current

    async def connect_chat(self) -> ChatProvider:
        """The chat provider. Raises RefactorRefused if the settings and keys allow none."""
        return await self._refactorers.chat.provider()

    async def refactor_refusal(self) -> str:
        """Why no model can be asked to refactor; "" if one can, or that is not known yet."""
        return await self._refactorers.chat.refusal()

    @property
    def settings(self) -> Settings:
        return self._resolved.settings

    @property
    def provider(self) -> str:
        """The name of the first FIM provider; "local" until a key has been found."""
        return self._fim.name if self._fim is not None else "local"

    def configure(self, resolved: ResolvedSettings) -> None:
        """Apply new settings. Running completions end; conversations only where chat, network or
        privacy settings have changed.

        The key is looked up in the background, since a command or a keyring may be slow. Until
        then the current provider answers, or `local` if the endpoints have changed.
        """
        stays = fim_endpoints_unchanged(self._resolved, resolved)
        keeps_chat = self.keeps_chat(resolved)
        mode = self.settings.next_edit.mode
        self._governor.configure(resolved.settings.limits)
        self._resolved = resolved
        if mode != self.settings.next_edit.mode:
            self._disposal.start(self.next_edits.close())
            self.next_edits = self._new_next_edits()
        if problem := self.recorder.configure(
            resolved.settings.usage, state_folder(self._means.environ)
        ):
            self._means.notify(Notice("opentelemetry", problem))
        if resolved.settings.local.enabled:
            endpoint = Endpoint(local_budget_ms=self._thinking_ms)
            self._local = self._local or PROVIDERS["local"].build_fim(endpoint)
        else:
            self._local = None
        self._rebuild_context()
        self._replace_completer(self._fim if stays else None)
        self._refactorers.renew()
        if not keeps_chat:
            chat = ChatConnection(resolved, self._means)
            self._disposal.start(self._refactorers.replace_chat(chat))
        self._connection.start(resolved, self._fim)
        self._reading.start(self._local, self._folders, self.settings.local, self._open)

    def keeps_chat(self, resolved: ResolvedSettings) -> bool:
        """Whether conversations may go on under new settings."""
        return chat_unchanged(self._resolved, resolved)

    async def ready(self) -> None:
        """Wait until the key has been looked up and the provider built."""
        await self._connection.ready()

    async def warm(self, snapshot: Snapshot) -> None:
        """Connect for the first completion in a document, unless no model completes it."""
        await self.ready()
        fim = self._fim
        if fim is not None and fim is not self._warmed and await self.reporter.may_read(snapshot):
            self._warmed = fim
            await fim.warm()

    async def preview(self, request: CompletionRequest) -> PromptPreview:
        """What a completion would send, redacted as it would be, and why; sends nothing.

        Reads first all that a session has read after a while. Without an endpoint, what one with
        the usual limits would be sent. The document must be open.
        """
        from devstral_lsp.completion.preview import PromptPreview, PromptRecorder

        await self.ready()
        snapshot = request.snapshot
        inactive = status_by_settings(self._resolved, snapshot)
        reason = inactive.message if inactive else await self._excluded.found(snapshot.uri)
        if reason:
            return PromptPreview(None, reason=reason)
        recorder = PromptRecorder(self._fim.limits if self._fim else ProviderLimits())
        means = replace(self._means, redacts=self.settings.privacy.redact_secrets)
        completer = self._new_completer(redacted(recorder, means))
        await self._surroundings.warm(snapshot, request.offset)
        try:
            await completer.complete(request)
        finally:
            await completer.close()
        return PromptPreview(recorder.request, self._surroundings.choices(snapshot.uri))

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
        if uri in self._open and uri != self.reporter.current:
            previous = self._open.get(self.reporter.current)
            self.reporter.current = uri
            forget(self._local, uri)
            self._learn(previous)
        self.reporter.report()

    def closed(self, uri: str) -> None:
        """A document was closed. `local` learns it, like any file of the folders."""
        snapshot = self._open.pop(uri, None)
        self._surroundings.closed(uri)
        self.next_edits.closed(uri)
        self.completer.forget(uri)
        self._learn(snapshot)
        self._excluded.closed(uri)
        self.reporter.report()

    def set_workspace_folders(self, folders: Sequence[Path]) -> None:
        """Set the workspace folders. `local` reads them in the background."""
        self._folders = tuple(folders)
        self._surroundings.watch_folders(folders)
        self._excluded.watch_folders(folders)
        self._reading.start(self._local, self._folders, self.settings.local, self._open)

    async def wait_until_indexed(self) -> None:
        """Wait until `local` has learned the folders and documents."""
        await self._reading.wait()
        if self._local is not None:
            await self._local.warm()

    async def close(self) -> None:
        """Cancel and close everything."""
        await self._connection.close()
        await self._reading.close()
        await self._disposal.wait()
        self.switches.close()
        await self.completer.close()
        await self.next_edits.close()
        await self._refactorers.close()
        await self._surroundings.close()
        await self.recorder.close()
        for provider in (self._fim, self._local):
            if provider is not None:
                await provider.close()
        await self._governor.close()

    def _replace_completer(self, fim: FimProvider | None) -> None:
        """Build a new engine, for a new provider or new settings."""
        retired, provider = self.completer, self._fim
        self._fim = fim
        self.completer = self._new_completer(fim)
        closings = [retired.close()]
        if provider is not None and provider is not fim:
            closings.append(provider.close())
        self._disposal.start(*closings)
        self.reporter.engine_changed(Status(StatusKind.NORMAL))

    def _learn(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and not self._excluded.reason(snapshot.uri):
            learn(self._local, snapshot)

    def _kept_back(self, uri: str) -> None:
        """A document became excluded or allowed: `local` must not suggest excluded text."""
        if self._excluded.reason(uri):
            forget(self._local, uri)
        self.reporter.report()

    def _new_completer(self, fim: FimProvider | None) -> CompletionEngine:
        return CompletionEngine(
            self.settings,
            fim=fim,
            local=self._local,
            head=self._surroundings.prompt_prefix,
            tell=self.reporter.engine_changed,
            ready=self._extension.ready,
            excluded=self._excluded.found,
            settings_for=self._resolved.settings_for,
            silence=self.switches.silence,
            clock=self._clock,
            observer=self.recorder,
        )

    def _new_refactorer(self, chat: ChatLink) -> RefactorEngine:
        from devstral_lsp.refactor.engine import RefactorEngine
        from devstral_lsp.refactor.prompt_context import PromptContextBuilder

        budget_tokens, notify = self.settings.context.budget_tokens, self._means.notify
        materials = PromptContextBuilder(self._surroundings, budget_tokens, notify)
        return RefactorEngine(self.settings, chat.provider, materials, observer=self.recorder)

    async def _find_model_info(self, work: str) -> ModelInfo:
        return await find_model_info(self._fim, self.connect_chat, for_fim=work == "completion")

    def _new_next_edits(self) -> NextEditEngine:
        return NextEditEngine(
            is_on=self.settings.next_edit.mode != "off",
            may_use=self.reporter.may_read,
            unopened=self._reading.unopened,
            now_s=self._clock.now_s,
        )

    def _rebuild_context(self) -> None:
        """Build the context sources anew and give them the open documents."""
        self._disposal.start(self._surroundings.close())
        self._surroundings = ContextProvider.of(self.settings, self._extension.definition)
        self._surroundings.watch_folders(self._folders)
        for snapshot in self._open.values():
            self._surroundings.changed(snapshot)
