"""Processes that are asked for a key: what they print is read, and they never outlive us.

None can reach a terminal, which in an editor shows the user's text: who has to ask for a password
does so in a window, or fails. Knows no key, and repeats nothing of what is printed.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from devstral_lsp.errors import ConfigError


def output_of(command: Sequence[str], timeout_s: float) -> bytes:
    """What the command prints. Blocks. Raises ConfigError, without any of its output, if it cannot
    be started, takes longer than `timeout_s` or fails.
    """
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,  # standard input is the editor's
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # on POSIX a session of its own has no terminal
        )
    except (OSError, ValueError) as error:  # ValueError: a zero byte in an argument
        raise ConfigError(f"could not be started ({type(error).__name__})") from None
    output = _awaited(child, timeout_s)
    if child.returncode != 0:
        raise ConfigError(f"ended with exit code {child.returncode}")
    return output


def _awaited(child: subprocess.Popen[bytes], timeout_s: float) -> bytes:
    """Its output. It is ended when its time is over, and when our own process ends meanwhile."""
    end = partial(_end, child)
    atexit.register(end)
    try:
        with child:
            try:
                return child.communicate(timeout=timeout_s)[0]
            except subprocess.TimeoutExpired:
                end()
                raise ConfigError(f"did not end within {timeout_s:.0f} s") from None
    finally:
        atexit.unregister(end)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it and all that it has started, such as the program behind a shell's pipe."""
    if hasattr(os, "killpg"):  # not on Windows
        with suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
