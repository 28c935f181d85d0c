"""A program that a browser is served by: a process on a free port of the loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.editors.support.waiting import until

_START_S = 60.0


class WebServer:
    """One process. What it says goes into the file `log`."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    async def start(
        self, command: Callable[[int], Sequence[str]], environ: Mapping[str, str], health: str
    ) -> None:
        """Start `command` for a port, and wait until it answers at the path `health`."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220
                command(port),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await until(f"an answer at {health}", lambda: self._answers(health), _START_S)

    async def stop(self) -> None:
        """End it and all that it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    async def _answers(self, health: str) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"it has ended: see {self._log}"
        return await asyncio.to_thread(_is_well, self.url + health)


def _is_well(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
