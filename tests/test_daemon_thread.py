"""Work in a thread that nobody waits for. That no exit does: tests/config/test_children.py."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from devstral_lsp.daemon_thread import run_in_daemon_thread, run_loop


async def test_what_it_gives_and_what_it_raises() -> None:
    assert await run_in_daemon_thread(lambda: threading.current_thread().daemon) is True
    with pytest.raises(ValueError, match="'x'"):
        await run_in_daemon_thread(partial(int, "x"))


async def test_who_is_cancelled_leaves_it_to_itself() -> None:
    go_on, done = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait(20)
        done.set()

    waiting = asyncio.ensure_future(run_in_daemon_thread(work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    assert await asyncio.to_thread(done.wait, 20)


async def _threads() -> tuple[int, list[object]]:
    working = [asyncio.to_thread(lambda: threading.current_thread().daemon) for _ in range(40)]
    found: list[object] = [*await asyncio.gather(*working)]
    with pytest.raises(ValueError, match="'x'"):
        await asyncio.to_thread(int, "x")
    return sum(each.name == "unattended" for each in threading.enumerate()), found


def test_the_threads_of_a_loop_do_what_they_are_given() -> None:
    count, found = run_loop(_threads())
    assert found == [True] * 40
    assert 1 <= count <= 32


def test_threads_that_hang_keep_no_process() -> None:
    code = (
        "import asyncio, threading\n"
        "from devstral_lsp.daemon_thread import run_loop\n"
        "async def main():\n"
        "    for _ in range(50):\n"
        "        asyncio.ensure_future(asyncio.to_thread(threading.Event().wait))\n"
        "    await asyncio.sleep(0)\n"
        "    print('over')\n"
        "run_loop(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("over\n", "", 0)
