"""Noticing that the editor's process has died, for clients whose death does not close our stdin.

LSP asks a server to exit when the process named in `initialize` is gone. Knows no session.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

_POLL_S = 5.0


def watch_parent(pid: int, then: Callable[[], None]) -> Coroutine[Any, Any, None]:
    """Look the process up at once; awaited, call `then` once it has ended.

    Gives up if there is no such process: a client in another container or on another host gives a
    number that means nothing here. Windows has no cheap way to ask; stdin must do there.
    """
    if os.name == "nt" or not _is_alive(pid):
        return _never()
    if hasattr(os, "pidfd_open"):
        return _told(os.pidfd_open(pid), then)
    return _polled(pid, then)


async def _told(descriptor: int, then: Callable[[], None]) -> None:
    """Linux tells through a file descriptor, for which nobody needs to poll."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    then()


async def _polled(pid: int, then: Callable[[], None]) -> None:
    while _is_alive(pid):  # noqa: ASYNC110 - nothing here could set an event
        await asyncio.sleep(_POLL_S)
    then()


async def _never() -> None:
    return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
