"""The state of one client's session, and the application that serves it.

`routes.create_server` makes one for each client; its handlers get the server of the client that
sent the message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lsprotocol.types import Position, Registration

from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.languages import registry
from devstral_lsp.observability import log
from devstral_lsp.observability.trace import safe_identifier
from devstral_lsp.providers.base import Secret
from devstral_lsp.server import dispatch, settings_sync
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.converter import lenient_converter
from devstral_lsp.server.editor_extension import editor_extension
from devstral_lsp.server.protocol import JsonRpcProtocol, State, cancel_once_begun
from devstral_lsp.server.refactoring import RefactorService
from devstral_lsp.server.session import Session
from devstral_lsp.server.settings_layers import EditorSettings
from devstral_lsp.server.startup_log import log_startup
from devstral_lsp.server.user_messages import UserMessages
from devstral_lsp.server.why_socket import serve_why
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.app import App
    from devstral_lsp.completion.types import Completion, CompletionRequest

EDITOR_SETTINGS_TIMEOUT_S = 1.0
"""How long the first completion waits for the editor's settings."""

KEY_LOOKUP_TIMEOUT_S = 4.0
"""How long it then waits for the key: a key command or a keyring may ask for a password. Without
one, loading the provider takes up to 2 s on a busy machine with cold caches, and a completion that
`local` gives meanwhile would stay displayed."""

SHUTDOWN_TIMEOUT_S = 2.0
"""How long `shutdown` waits for cancelled requests and closing connections."""


def _load(*modules: str) -> None:
    for name in modules:
        import_module(f"devstral_lsp.{name}")
    registry()


class Server:
    """The server as one client sees it."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """`secrets` are kept out of the log, as are the keys that are found later."""
        self.protocol = JsonRpcProtocol(lenient_converter())
        self.client = ClientCapabilities()
        self.process_id: int | None = None
        """The editor's process, if `initialize` named it."""
        self.session = Session()
        self.configuration = EditorSettings()
        self.messages = UserMessages(self.protocol)
        self.refactoring = RefactorService(self)
        self.registered: dict[str, Registration] = {}
        """The capabilities that are registered at the client, by method."""
        self.configuration_request: asyncio.Future[Any] | None = None
        """The last request for the editor's settings."""
        self.ended = asyncio.Event()
        """Set when the session is over."""
        self.ghost_text: tuple[Snapshot, Position] | None = None
        """The text and the position of the last inline completion."""
        self.started_app: App | None = None
        """The application, once the editor's settings are known."""
        self._newest: dict[str, CompletionRequest] = {}
        """The last completion request for each document."""
        self._is_starting = False
        self._may_answer = asyncio.Event()
        self._redactor = log.Redactor()
        for secret in secrets:
            self._redactor.add_secret(secret)
        self._resolved: ResolvedSettings | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def resolved(self) -> ResolvedSettings:
        """The settings in force, with their origins and problems."""
        if self._resolved is None:
            self._resolved = self.configuration.resolve(self.session.folders)
        return self._resolved

    async def complete(self, request: CompletionRequest) -> list[Completion]:
        """The engine's completions, once the editor's settings are known; none if the document has
        changed by then. A request by the user also waits for the key.

        New settings replace the engine, which ends its running requests. Then this request is
        repeated at the new engine, unless there is a newer one for the document.
        """
        from devstral_lsp.completion.types import TriggerKind

        snapshot, previous = request.snapshot, None
        self._newest[snapshot.uri] = request
        if request.trigger is TriggerKind.INVOKED:
            await dispatch.log_failure("key", (await self.app()).ready())
        while (completer := (app := await self.app()).completer) is not previous:
            if self.session.snapshot(snapshot.uri) is not snapshot:
                return []
            found = await completer.complete(request)
            if app.completer is not completer and self._newest.get(snapshot.uri) is not request:
                return []
            if found:
                return found
            previous = completer
        return []

    async def app(self) -> App:
        """The application; waits for the editor's settings, and a moment for the key."""
        self.start_app()
        await self._may_answer.wait()
        if self.started_app is None:
            raise RuntimeError("the application could not be started")
        return self.started_app

    def start_app(self) -> None:
        """Start the application in the background, once."""
        if not self._is_starting:
            self._is_starting = True
            self.create_background_task("start", self._start())

    def changed(self, snapshot: Snapshot) -> None:
        """Call this when a document was opened or edited."""
        self.refactoring.changed(snapshot)
        if self.started_app is not None:
            self.started_app.changed(snapshot)

    def closed(self, uri: str) -> None:
        """Call this when a document was closed."""
        self._newest.pop(uri, None)
        self.refactoring.closed(uri)
        if self.started_app is not None:
            self.started_app.closed(uri)

    def reload_settings(self) -> None:
        """Read all layers again and apply changes."""
        resolved, before = self.configuration.resolve(self.session.folders), self._resolved
        if resolved == before:
            return
        self._resolved = resolved
        log.configure(resolved.settings.log, self._redactor)
        if self.started_app is not None:
            self.messages.problems(resolved.problems)
            if before is not None and resolved.is_equivalent(before):
                return
            if not self.started_app.keeps_chat(resolved):
                self.refactoring.jobs.finish_early("the settings for chat were changed")
            self.started_app.configure(resolved)
            if before is not None and before.waits:
                self._may_answer.clear()  # Only now may requests be sent.
                self.create_background_task("key", self._until_ready(self.started_app))
            self.create_background_task("introduction", log_startup(self, self.started_app))

    def create_background_task(
        self, what: str, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Run `work` in the background; `what` names it in the log if it fails."""
        task = asyncio.ensure_future(dispatch.log_failure(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never comes to await its work.
        task.add_done_callback(lambda _: work.close())
        return task

    @property
    def exit_code(self) -> int:
        """The process's exit code: 0 only after `shutdown` (LSP 3.17, "exit")."""
        return 0 if self.protocol.state is State.SHUT_DOWN else 1

    def close(self) -> Awaitable[None]:
        """Cancel all work at once; await the result to wait for its end and close the app."""
        pending = {
            *self.protocol.cancel_requests(),
            *self._tasks,
            *self.refactoring.close(),
        }
        for task in self._tasks:
            cancel_once_begun(task)
        return self._close(pending)

    async def _close(self, pending: set[asyncio.Future[Any]]) -> None:
        if pending:
            await asyncio.wait(pending, timeout=SHUTDOWN_TIMEOUT_S)
        app, self.started_app = self.started_app, None
        if app is not None:
            closing = asyncio.wait_for(app.close(), SHUTDOWN_TIMEOUT_S)
            await dispatch.log_failure("close", closing)

    async def _start(self) -> None:
        """Request the editor's settings and create the application with them.

        With the defaults, the user might see advice that does not apply.
        """
        try:
            asking = self.create_background_task(
                "settings", settings_sync.request_editor_settings(self)
            )
            # In a thread, so that messages are read meanwhile. Every session needs these, and each
            # takes up to 50 ms to load.
            await asyncio.to_thread(_load, "app", "local.provider", "secrets.scan")
            await asyncio.wait({asking}, timeout=EDITOR_SETTINGS_TIMEOUT_S)
            self.messages.problems(self.resolved.problems)
            self.started_app = self._application()
            await self._until_ready(self.started_app)
        finally:
            self._may_answer.set()
        self.create_background_task("registrations", settings_sync.sync_registrations(self))
        self.create_background_task("settings files", settings_sync.watch_files(self))
        self.create_background_task("introduction", log_startup(self, self.started_app))
        self.create_background_task("why", serve_why(self))
        for snapshot in self.session.snapshots():
            await self.started_app.warm(snapshot)
        # Loaded now, so that the first code action does not wait for it.
        await asyncio.to_thread(_load, "refactor.registry", "refactor.engine")

    async def _until_ready(self, app: App) -> None:
        """Wait for the key, up to KEY_LOOKUP_TIMEOUT_S, then let requests continue."""
        try:
            finding_key = self.create_background_task("key", app.ready())
            await asyncio.wait({finding_key}, timeout=KEY_LOOKUP_TIMEOUT_S)
        finally:
            self._may_answer.set()

    def _editor_name(self) -> str:
        """The editor's name without its version, for the ledger."""
        name, _, version = self.client.name.rpartition(" ")
        has_version = name and version[:1].isdigit()
        return safe_identifier(name if has_version else self.client.name or "unnamed")

    def _application(self) -> App:
        from devstral_lsp.app import App

        app = App(
            self.resolved,
            notify=self.messages.notify,
            status=self.messages.status,
            keep_secret=self._redactor.add_secret,
            extension=editor_extension(self),
            editor=self._editor_name(),
        )
        for snapshot in self.session.snapshots():
            app.changed(snapshot)
        app.set_workspace_folders(self.session.folders)
        return app
