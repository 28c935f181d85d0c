"""Run blocking calls in daemon threads, so that a locked keyring cannot delay process exit.

asyncio joins the threads of its default executor at exit. A locked keyring, or a network share
whose server is gone, would otherwise keep the server, or a command after Ctrl-C, running.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_MAX_THREADS = 32
"""Maximum threads: more than processors, since some may block on a network share forever."""


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in a new event loop whose default executor uses daemon threads."""

    async def begun() -> T:
        asyncio.get_running_loop().set_default_executor(DaemonThreads(_MAX_THREADS))
        return await main

    return asyncio.run(begun())


async def run_in_daemon_thread(work: Callable[[], T]) -> T:
    """Return or raise what `work` does. Cancelling the caller does not stop `work`."""
    done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    threading.Thread(target=_run, args=(work, done), name="unattended", daemon=True).start()
    return await done


def _run(work: Callable[[], T], done: asyncio.Future[T]) -> None:
    try:
        settle = partial(done.set_result, work())
    except Exception as error:  # noqa: BLE001 - raised again where it is waited for
        settle = partial(done.set_exception, error)
    with suppress(RuntimeError):  # The loop has been closed.
        done.get_loop().call_soon_threadsafe(_unless_cancelled, done, settle)


def _unless_cancelled(done: asyncio.Future[T], settle: Callable[[], None]) -> None:
    if not done.done():
        settle()


class DaemonThreads(ThreadPoolExecutor):
    """At most so many threads, such as those of `asyncio.to_thread`.

    An event loop accepts only ThreadPoolExecutor; nothing but the type of the base is used, since
    its threads are joined when the interpreter ends.
    """

    def __init__(self, most: int) -> None:
        super().__init__(max_workers=most)
        self._places = threading.Semaphore(most)
        """Threads that may still be started."""
        self._resting = threading.Semaphore(0)
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        self._tasks.put(partial(_settle, future, partial(work, *args, **kwargs)))
        if not self._resting.acquire(blocking=False) and self._places.acquire(blocking=False):
            threading.Thread(target=self._work, name="unattended", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let idle threads end, without waiting."""
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
            self._resting.release()
        self._tasks.put(None)  # for the next one


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        future.set_exception(error)
