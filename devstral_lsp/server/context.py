"""The interface of `Server` for the parts that it is built from, which cannot import it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from lsprotocol.types import Registration

from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.protocol import JsonRpcProtocol
from devstral_lsp.server.session import Session
from devstral_lsp.server.settings_layers import EditorSettings
from devstral_lsp.server.user_messages import UserMessages

if TYPE_CHECKING:
    from devstral_lsp.app import App


class ServerContext(Protocol):
    """One client's connection, documents and settings, and the application that serves it."""

    protocol: JsonRpcProtocol
    client: ClientCapabilities
    session: Session
    configuration: EditorSettings
    messages: UserMessages
    registered: dict[str, Registration]
    configuration_request: asyncio.Future[Any] | None
    started_app: App | None
    ended: asyncio.Event

    @property
    def resolved(self) -> ResolvedSettings:
        """The settings in force, with their origins and problems."""

    async def app(self) -> App:
        """The application; waits for the editor's settings, and a moment for the key."""

    def reload_settings(self) -> None:
        """Read all layers again and apply changes."""

    def create_background_task(
        self, what: str, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Run `work` in the background; `what` names it in the log if it fails."""
