"""Answers `devstral-lsp why` on a socket in the state folder that only its user can connect to.

An answer explains the last suggestions, stage by stage, and never quotes a prompt.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from functools import partial
from pathlib import Path

from devstral_lsp.config.readers import state_folder
from devstral_lsp.errors import ConfigError
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.unix_socket import is_of_this_user, is_served, listening_socket

SOCKETS = "servers"
"""The folder in the state folder with a socket for each session."""

_logger = logging.getLogger(__name__)


async def serve_why(server: ServerContext) -> None:
    """Listen until the session ends. A failure to open the socket is logged at DEBUG."""
    folder = state_folder(os.environ) / SOCKETS
    path = folder / f"{os.getpid()}-{id(server):x}.sock"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(newest_sockets, folder)
        with listening_socket(str(path)) as bound:
            listener = await asyncio.start_unix_server(partial(_answer, server), sock=bound)
            async with listener:
                await server.ended.wait()
    except (ConfigError, OSError) as error:
        _logger.debug("`devstral-lsp why` cannot ask this server: %s", type(error).__name__)


def newest_sockets(folder: Path) -> list[Path]:
    """The sockets of running servers, the newest first. Blocks.

    Removes the other sockets: a server that is killed leaves its own behind.
    """
    found: list[tuple[float, Path]] = []
    for path in folder.glob("*.sock"):
        with suppress(OSError):
            if is_served(path):
                found.append((path.lstat().st_mtime, path))
            else:
                path.unlink()
    return [path for _, path in sorted(found, reverse=True)]


async def _answer(
    server: ServerContext, _: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    from devstral_lsp.completion.why import explain

    traces = list(server.started_app.recorder.traces) if server.started_app is not None else []
    with suppress(OSError):  # The client may only have checked whether a server listens.
        if is_of_this_user(writer.get_extra_info("socket")):
            writer.write(explain(traces).encode("utf-8", "replace"))
            await writer.drain()
    writer.close()
