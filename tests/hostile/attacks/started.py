"""Waits until a server has looked for its keys.

Until then `local` answers, and on a busy machine that takes a while.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

CONNECTED = "completions come from"
"""What the log says once the keys have been looked for."""
WAIT_S = 20.0
_PAUSE_S = 0.02


def startup_log(variables: dict[str, str], folder: Path) -> Path:
    """The file that the server will log to at INFO or below, which `variables` then name."""
    variables.setdefault("DEVSTRAL_LOG_FILE", str(folder / "started.log"))
    variables.setdefault("DEVSTRAL_LOG_LEVEL", "info")
    return Path(variables["DEVSTRAL_LOG_FILE"])


async def until_started(log: Path) -> None:
    """Wait until the server is connected, at most WAIT_S: an attack may keep it from that."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if _is_connected(log):
            return
        await asyncio.sleep(_PAUSE_S)


def _is_connected(log: Path) -> bool:
    return log.is_file() and CONNECTED in log.read_text(encoding="utf-8", errors="replace")
