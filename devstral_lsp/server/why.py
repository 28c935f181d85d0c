"""`devstral.why` and `devstral.showPrompt`, and the socket on which `devstral-lsp why` asks.

The socket is a file of the state folder that only its user can connect to. It tells sentences and
stages, and never a prompt.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from devstral_lsp.config.readers import state_folder
from devstral_lsp.errors import ConfigError
from devstral_lsp.observability.trace import Trace
from devstral_lsp.server.unix_socket import is_of_this_user, is_served, listening_socket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devstral_lsp.server.server import Server

SOCKETS = "servers"
"""The folder in the state folder with a socket for each session."""

_logger = logging.getLogger(__name__)


def why(server: Server, params: types.ExecuteCommandParams) -> str | Coroutine[Any, Any, None]:
    """`devstral.why [{reply: true}?]`: why there was no suggestion, and what each stage did.

    With `reply` the Markdown is the command's result; else the editor shows it as a document.
    """
    from devstral_lsp.completion.why import explain

    return _told(server, params, "Why", explain)


def show_prompt(
    server: Server, params: types.ExecuteCommandParams
) -> str | Coroutine[Any, Any, None]:
    """`devstral.showPrompt [{reply: true}?]`: what was last asked of a model, without secrets."""
    from devstral_lsp.completion.why import show_prompt as prompt_of

    return _told(server, params, "Prompt", prompt_of)


def _told(
    server: Server,
    params: types.ExecuteCommandParams,
    title: str,
    tell: Callable[[Sequence[Trace]], str],
) -> str | Coroutine[Any, Any, None]:
    markdown = tell(_traces(server))
    match params.arguments:
        case [{"reply": True}]:
            return markdown
    return server.refactoring.explanations.show_alone(title, markdown)


def _traces(server: Server) -> Sequence[Trace]:
    return list(server.started_app.recorder.traces) if server.started_app is not None else []


async def serve_why(server: Server) -> None:
    """Answer on a socket of this session until it ends; without one where there can be none."""
    folder = state_folder(os.environ) / SOCKETS
    path = folder / f"{os.getpid()}-{id(server):x}.sock"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(newest_sockets, folder)
        with listening_socket(str(path)) as bound:
            listener = await asyncio.start_unix_server(_answers(server), sock=bound)
            async with listener:
                await server.ended.wait()
    except (ConfigError, OSError) as error:
        _logger.debug("`devstral-lsp why` cannot ask this server: %s", type(error).__name__)


def newest_sockets(folder: Path) -> list[Path]:
    """The sockets of servers that run, the newest first. Those of others are removed: a server that
    is killed leaves its own behind. Blocks."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob("*.sock"):
        with suppress(OSError):
            if is_served(path):
                found.append((path.lstat().st_mtime, path))
            else:
                path.unlink()
    return [path for _, path in sorted(found, reverse=True)]


def _answers(
    server: Server,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from devstral_lsp.completion.why import explain

        with suppress(OSError):  # It may have looked only whether we are there.
            if is_of_this_user(writer.get_extra_info("socket")):
                writer.write(explain(_traces(server)).encode("utf-8", "replace"))
                await writer.drain()
        writer.close()

    return answer
