"""Applies changed settings: watches files, asks the editor, merges, updates registrations."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound

from devstral_lsp.config.readers import PROJECT_FILE
from devstral_lsp.providers.base import Notice
from devstral_lsp.server.capabilities import registrations
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.settings_layers import SECTION, EditorSettings, SettingsChannel

FILES_POLL_INTERVAL_S = 1.0

UNANSWERED_NOTICE_S = 10.0
"""How long the editor may take to answer before a notice says why nothing is sent."""


def refresh(server: ServerContext) -> None:
    """Apply all layers at once, and again once the editor has answered.

    A file's restrictions must apply before the editor answers and before the next message.
    """
    server.reload_settings()

    async def request_and_register() -> None:
        await request_editor_settings(server)
        await sync_registrations(server)

    server.create_background_task("settings", request_and_register())


async def request_editor_settings(server: ServerContext) -> None:
    """Apply the editor's answer to `workspace/configuration`, if the editor supports it.

    Waits for the answer until the next request replaces this one. No code is sent before the first
    answer.
    """
    if not server.client.answers_configuration:
        return
    params = types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
    if server.configuration_request is not None:
        server.configuration_request.cancel()
    response = server.protocol.send_request(types.WORKSPACE_CONFIGURATION, params)
    server.configuration_request = response
    try:
        await asyncio.wait((response,), timeout=UNANSWERED_NOTICE_S)
        if not response.done() and server.configuration.awaits_editor:
            server.messages.notify(Notice("unanswered", server.resolved.narrowed))
        await asyncio.wait((response,))
    finally:
        response.cancel()
    if not response.cancelled():
        store_answer(server.configuration, response)
        server.reload_settings()


def store_answer(configuration: EditorSettings, response: asyncio.Future[Any]) -> None:
    """Store the editor's answer.

    After an error, the settings stay unknown, unless the editor does not support the request.
    """
    error = response.exception()
    if isinstance(error, JsonRpcException) and error.code == JsonRpcMethodNotFound.CODE:
        configuration.awaits_editor = False
    elif error is None:
        answer = response.result()
        if answer is None or answer == []:
            configuration.awaits_editor = False
        else:
            configuration.set(
                SettingsChannel.PULLED, answer[0] if isinstance(answer, list) else [answer]
            )


async def watch_files(server: ServerContext) -> None:
    """Apply the settings whenever one of their files is created, changed or deleted.

    Editors do not watch folders that do not exist yet, and some watch none outside the workspace.
    """
    seen: object = None
    while True:
        await asyncio.sleep(FILES_POLL_INTERVAL_S)
        files = [
            server.configuration.user_file,
            *(folder / PROJECT_FILE for folder in server.session.folders),
        ]
        now = await asyncio.to_thread(lambda each: [*map(_stamp, each)], files)
        if now != seen:
            seen = now
            server.reload_settings()
            await sync_registrations(server)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """The inode, size and time of a file, which change with it; None if they cannot be read."""
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


async def sync_registrations(server: ServerContext) -> None:
    """Register and unregister capabilities as the settings demand."""
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
