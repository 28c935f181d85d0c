"""What is asked for a key can neither reach the user's terminal nor outlive whoever asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")

PATIENCE_S = 20
ON_A_TERMINAL = """
import os, sys
from devstral_lsp.config.children import output_of
with open("/dev/tty", "w") as terminal:
    terminal.write("This is one.")
output_of(("sh", "-c", "echo Password? > /dev/tty; echo key"), 20)
"""
LEFT_WITH_A_QUESTION = """
import asyncio, sys
from functools import partial
from devstral_lsp.unattended import unattended
from devstral_lsp.config.children import output_of

async def main():
    command = ("sh", "-c", "exec 3> fifo; echo asked >&3; sleep 60 | cat")
    asking = asyncio.ensure_future(unattended(partial(output_of, command, 60)))
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


def test_there_is_no_terminal_to_ask_on() -> None:
    command = [sys.executable, "-c", ON_A_TERMINAL]
    spawn = (sys.executable, "-c", f"import pty; pty.spawn({command!r})")
    done = subprocess.run(spawn, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S)
    assert b"This is one." in done.stdout
    assert b"Password" not in done.stdout


def test_it_ends_with_us_and_we_do_not_wait_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    command = (sys.executable, "-c", LEFT_WITH_A_QUESTION)
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path) as process:
        with (tmp_path / "fifo").open("rb") as fifo:
            assert fifo.readline() == b"asked\n"
            assert process.stdin is not None
            process.stdin.close()
            assert fifo.read() == b""  # the end comes when all that held it has ended
        assert process.wait(PATIENCE_S) == 0
