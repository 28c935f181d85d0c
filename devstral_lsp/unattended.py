"""Work that may wait for the user: done in a thread that nobody waits for when the process ends.

The event loop's own threads are joined at its end, so that a locked keyring would keep an editor's
server, or a command whose user pressed Ctrl-C, for as long as it is not unlocked.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def unattended(work: Callable[[], T]) -> T:
    """What `work` gives or raises. Who is cancelled while waiting leaves it to itself."""
    done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    threading.Thread(target=_do, args=(work, done), name="unattended", daemon=True).start()
    return await done


def _do(work: Callable[[], T], done: asyncio.Future[T]) -> None:
    try:
        settle = partial(done.set_result, work())
    except Exception as error:  # noqa: BLE001 - raised again where it is waited for
        settle = partial(done.set_exception, error)
    with suppress(RuntimeError):  # The loop has been closed: nobody waits any more.
        done.get_loop().call_soon_threadsafe(_unless_cancelled, done, settle)


def _unless_cancelled(done: asyncio.Future[T], settle: Callable[[], None]) -> None:
    if not done.done():
        settle()
