"""Bringing changed settings into force: asking the editor, applying, registering anew.

What the settings mean is decided elsewhere; this is only the order of the steps.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound

from devstral_lsp.providers.base import Notice
from devstral_lsp.server.capabilities import registrations
from devstral_lsp.server.settings_layers import SECTION, EditorSettings, SettingsChannel

TOLD_AFTER_S = 10.0
"""After so long without an answer the user is told why nothing is sent."""

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def refresh(server: Server) -> None:
    """Apply all layers as they are now, at once, and then what the editor says when asked.

    What a file forbids must not wait for the editor, nor for the next message.
    """
    server.reload_settings()
    server.create_background_task("settings", _ask(server))


async def _ask(server: Server) -> None:
    await request_editor_settings(server)
    await sync_registrations(server)


async def request_editor_settings(server: Server) -> None:
    """Take the editor's answer to `workspace/configuration`, if it gives any.

    An editor that does not answer is waited for until it is asked anew; nothing is sent before it
    has answered once.
    """
    if not server.client.answers_configuration:
        return
    wanted = types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
    if server.configuration_request is not None:
        server.configuration_request.cancel()
    asking = server.protocol.send_request(types.WORKSPACE_CONFIGURATION, wanted)
    server.configuration_request = asking
    try:
        await asyncio.wait((asking,), timeout=TOLD_AFTER_S)
        if not asking.done() and server.configuration.awaits_editor:
            server.notices.notify(Notice("unanswered", server.resolved.narrowed))
        await asyncio.wait((asking,))
    finally:
        asking.cancel()
    if not asking.cancelled():
        take_answer(server.configuration, asking)
        server.reload_settings()


def take_answer(configuration: EditorSettings, asking: asyncio.Future[Any]) -> None:
    """Take what the editor answered. An error is no answer, so that the editor is still awaited.

    One that does not know the request has no settings to give.
    """
    error = asking.exception()
    if isinstance(error, JsonRpcException) and error.code == JsonRpcMethodNotFound.CODE:
        configuration.awaits_editor = False
    elif error is None:
        answer = asking.result()
        if answer is None or answer == []:
            configuration.awaits_editor = False
        else:
            configuration.set(
                SettingsChannel.PULLED, answer[0] if isinstance(answer, list) else [answer]
            )


async def sync_registrations(server: Server) -> None:
    """Register and unregister so that the client asks for what the settings say."""
    wanted = registrations(server.client, server.resolved.settings, server.configuration.user_file)
    gone = [each for method, each in server.registered.items() if method not in wanted]
    new = [each for method, each in wanted.items() if method not in server.registered]
    server.registered = wanted
    if gone:
        unregistered = [types.Unregistration(id=each.id, method=each.method) for each in gone]
        await server.protocol.send_request(
            types.CLIENT_UNREGISTER_CAPABILITY, types.UnregistrationParams(unregistered)
        )
    if new:
        await server.protocol.send_request(
            types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(new)
        )
