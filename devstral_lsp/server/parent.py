"""Noticing that the editor's process has died, for clients whose death does not close our stdin.

LSP asks a server to exit when the process named in `initialize` is gone. Knows no session.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_POLL_S = 5.0


async def when_gone(pid: int, then: Callable[[], None]) -> None:
    """Call `then` once the process `pid` has ended.

    Gives up at once if there is no such process: a client in another container or on another host
    gives a number that means nothing here. Windows has no cheap way to ask; stdin must do there.
    """
    if os.name == "nt" or not _is_alive(pid):
        return
    if hasattr(os, "pidfd_open"):
        await _ended(pid)
    else:
        while _is_alive(pid):  # noqa: ASYNC110 - nothing here could set an event
            await asyncio.sleep(_POLL_S)
    then()


async def _ended(pid: int) -> None:
    """Linux tells through a file descriptor, for which nobody needs to poll."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
