"""One client's session: what it can do, what it has open, and the application that serves it.

The handlers in `requests/` and `notifications/` are given a `Server` and find here what they need.
How bytes come and go is in `transport.py`, what a message may do in `protocol.py`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pygls.lsp.server import LanguageServer

from devstral_lsp import __version__
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.observability import log
from devstral_lsp.server import dispatch, settings_sync
from devstral_lsp.server.client_capabilities import ClientCapabilities, lenient_converter
from devstral_lsp.server.editor_extension import editor_extension
from devstral_lsp.server.notifications import NOTIFICATIONS
from devstral_lsp.server.protocol import Protocol, RawHandler, State
from devstral_lsp.server.refactoring import RefactorService
from devstral_lsp.server.requests import AS_JSON, KEYSTROKES, REQUESTS
from devstral_lsp.server.session import Session
from devstral_lsp.server.settings_layers import EditorSettings
from devstral_lsp.server.startup_log import log_startup
from devstral_lsp.server.user_messages import UserMessages

if TYPE_CHECKING:
    from lsprotocol.types import Registration

    from devstral_lsp.app import App
    from devstral_lsp.completion.types import Completion, CompletionRequest
    from devstral_lsp.providers.base import Secret
    from devstral_lsp.refactor.engine import RefactorEngine
    from devstral_lsp.text import Snapshot

NAME = "devstral-lsp"

logger = logging.getLogger(__name__)

_EDITOR_SETTINGS_S = 1.0
"""How long the first completion waits for the editor to say its settings."""

KEY_LOOKUP_TIMEOUT_S = 1.5
"""How long it waits for the key to be found: a command or a keyring may want a password first."""

SHUTDOWN_TIMEOUT_S = 2.0
"""How long `shutdown` waits for cancelled requests and closing connections."""


class Server(LanguageServer):
    """The server as one client sees it."""

    protocol: Protocol

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """`secrets` are kept out of the log, as are the keys that are found later."""
        super().__init__(
            NAME, __version__, protocol_cls=Protocol, converter_factory=lenient_converter
        )
        self.client = ClientCapabilities()
        self.session = Session()
        self.configuration = EditorSettings()
        self.notices = UserMessages(self)
        self.refactoring = RefactorService(self)
        self.registered: dict[str, Registration] = {}
        self.pending_config_request_id = ""
        """The id under which the editor was last asked for its settings."""
        self.ended = asyncio.Event()
        self._app: App | None = None
        self._newest: dict[str, CompletionRequest] = {}
        """What was asked last about each document."""
        self._beginning = False
        self._begun = asyncio.Event()
        self._redactor = log.Redactor()
        for secret in secrets:
            self._redactor.add_secret(secret)
        self._resolved: ResolvedSettings | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.protocol.requests = _requests(self)
        self.protocol.notifications = _notifications(self)

    @property
    def resolved(self) -> ResolvedSettings:
        """The settings in force, with their origins and problems."""
        if self._resolved is None:
            self._resolved = self.configuration.resolve(self.session.folders)
        return self._resolved

    async def complete(self, request: CompletionRequest) -> list[Completion]:
        """What the engine says, once the editor's settings are known; nothing if the document has
        changed by then, of which the engine has not heard.

        An engine that is replaced meanwhile, for new settings, ends its answers: the next is asked,
        unless it has been asked something newer, which it may have answered already.
        """
        snapshot, asked = request.snapshot, None
        self._newest[snapshot.uri] = request
        while (completer := (app := await self.app()).completer) is not asked:
            if self.session.snapshot(snapshot.uri) is not snapshot:
                return []
            found = await completer.complete(request)
            if app.completer is not completer and self._newest.get(snapshot.uri) is not request:
                return []
            if found:
                return found
            asked = completer
        return []

    async def refactorer(self) -> RefactorEngine:
        """The engine of refactoring for the settings in force, likewise."""
        return (await self.app()).refactorer

    async def app(self) -> App:
        """The application, which is made for the editor's settings once these are known."""
        self.start_app()
        await self._begun.wait()
        if self._app is None:
            raise RuntimeError("the application could not be started")
        return self._app

    def start_app(self) -> None:
        """Start what `initialize` did not wait for, unless that has been done."""
        if not self._beginning:
            self._beginning = True
            self.create_background_task("start", self._begin())

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited. Until the application stands, the session holds it."""
        self.refactoring.changed(snapshot)
        if self._app is not None:
            self._app.changed(snapshot)

    def focused(self, uri: str) -> None:
        """The user looks at this document."""
        self.session.mark_focused(uri)
        if self._app is not None:
            self._app.focused(uri)

    def shown(self, completion_id: str) -> None:
        """A completion is on the screen."""
        if self._app is not None:
            self._app.shown(completion_id)

    def accepted(self, completion_id: str) -> None:
        """A completion was taken, wholly or in part."""
        if self._app is not None:
            self._app.accepted(completion_id)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._newest.pop(uri, None)
        self.refactoring.closed(uri)
        if self._app is not None:
            self._app.closed(uri)

    def watch_folders(self) -> None:
        """The workspace folders are other ones."""
        if self._app is not None:
            self._app.set_workspace_folders(self.session.folders)

    def reload_settings(self) -> None:
        """Read all layers anew and apply what has changed."""
        resolved, before = self.configuration.resolve(self.session.folders), self._resolved
        if resolved == before:
            return
        self._resolved = resolved
        log.configure(resolved.settings.log, self._redactor)
        if self._app is not None:
            self.notices.problems(resolved.problems)
            if before is not None and resolved.does_as(before):
                return  # another slip in what was out of force already
            self._app.configure(resolved)
            if before is not None and before.waits:
                self._begun.clear()  # the session begins only now
                self.create_background_task("key", self._until_ready(self._app))
            self.create_background_task("introduction", log_startup(self, self._app))

    def create_background_task(
        self, what: str, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Do `work` while messages go on; `what` names it in the log if it fails."""
        task = asyncio.ensure_future(dispatch.log_failure(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never comes to await its work.
        task.add_done_callback(lambda _: work.close())
        return task

    def report_server_error(self, error: Exception, source: object) -> None:
        """What pygls could not send. It would pop up, with whatever text the error quotes."""
        logger.error("a message could not be sent: %s", type(error).__name__)

    def end(self) -> None:
        """The session is over: whoever reads the messages is to stop."""
        self.ended.set()

    @property
    def exit_code(self) -> int:
        """What the process tells its parent: 0 only after `shutdown` (LSP 3.17, "exit")."""
        return 0 if self.protocol.state is State.SHUT_DOWN else 1

    def close(self) -> Awaitable[None]:
        """Cancel what is under way at once; awaited, see to its end and close the application."""
        pending = {
            *self.protocol.cancel_requests(),
            *self._tasks,
            *self.refactoring.close(),
        }
        for task in self._tasks:
            task.cancel()
        return self._close(pending)

    async def _close(self, pending: set[asyncio.Future[Any]]) -> None:
        if pending:
            await asyncio.wait(pending, timeout=SHUTDOWN_TIMEOUT_S)
        app, self._app = self._app, None
        if app is not None:
            closing = asyncio.wait_for(app.close(), SHUTDOWN_TIMEOUT_S)
            await dispatch.log_failure("close", closing)

    async def _begin(self) -> None:
        """Make the application, with the settings that the editor is asked for first.

        Otherwise the first thing a user saw could be advice that their settings make pointless.
        """
        try:
            asking = self.create_background_task(
                "settings", settings_sync.request_editor_settings(self)
            )
            await asyncio.wait({asking}, timeout=_EDITOR_SETTINGS_S)
            self.notices.problems(self.resolved.problems)
            self._app = self._application()
            await self._until_ready(self._app)
        finally:
            self._begun.set()
        self.create_background_task("registrations", settings_sync.sync_registrations(self))
        self.create_background_task("introduction", log_startup(self, self._app))
        await self._app.warm()
        # Here they load while nobody waits; at the first code action they would be waited for.
        for room in ("registry", "engine"):
            await asyncio.to_thread(import_module, f"devstral_lsp.refactor.{room}")
        # All that has been loaded by now stays: looking through it for garbage would be felt.
        gc.freeze()

    async def _until_ready(self, app: App) -> None:
        """Wait a moment for the key, and let those go on who wait for the application."""
        try:
            finding_key = self.create_background_task("key", app.ready())
            await asyncio.wait({finding_key}, timeout=KEY_LOOKUP_TIMEOUT_S)
        finally:
            self._begun.set()

    def _application(self) -> App:
        from devstral_lsp.app import App

        app = App(
            self.resolved,
            notify=self.notices.notify,
            status=self.notices.status,
            keep_secret=self._redactor.add_secret,
            companion=editor_extension(self),
        )
        for snapshot in self.session.snapshots():
            app.changed(snapshot)
        app.set_workspace_folders(self.session.folders)
        return app


def _requests(server: Server) -> Mapping[str, RawHandler]:
    """What answers, by method, each within what `dispatch` guarantees."""
    return {
        **{
            method: dispatch.document_request(server, method, handler, empty)
            for method, (handler, empty) in KEYSTROKES.items()
        },
        **{
            method: dispatch.request(server, method, handler, as_json=method in AS_JSON)
            for method, handler in REQUESTS.items()
        },
    }


def _notifications(server: Server) -> Mapping[str, RawHandler]:
    """The same for what is only told."""
    return {
        method: dispatch.notification(server, method, handler)
        for method, handler in NOTIFICATIONS.items()
    }
