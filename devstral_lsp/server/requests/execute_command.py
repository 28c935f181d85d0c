"""`workspace/executeCommand`: what an editor asks of us through a command of ours.

Answered at once: Emacs gives a command ten seconds, and then shows an error. What takes longer goes
on in the background. Only a client that gives a token for progress waits, for the token is valid
until its request has been answered (LSP 3.17, "Client Initiated Progress").
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.errors import DevstralError
from devstral_lsp.server import dispatch
from devstral_lsp.server.commands import COMMANDS

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


def execute_command(server: Server, params: types.ExecuteCommandParams) -> Awaitable[None] | None:
    """Run the command. Raises JsonRpcInvalidParams if it is not ours, or is used wrongly.

    Everything else that goes wrong is told to the user, and is no error to the editor.
    """
    command = COMMANDS.get(params.command)
    if command is None:
        raise JsonRpcInvalidParams("This command is not one of devstral-lsp's")
    try:
        work = command(server, params)
    except DevstralError as error:
        server.notices.show(types.MessageType.Error, str(error))
        return None
    if work is None:
        return None
    task = server.create_background_task(
        params.command, dispatch.report_failure(server, params.command, work)
    )
    return None if params.work_done_token is None else _until_done(task)


async def _until_done(task: asyncio.Task[None]) -> None:
    """Wait for the work. Whoever cancels the request, cancels the work."""
    try:
        await task
    except asyncio.CancelledError:
        task.cancel()
        raise
