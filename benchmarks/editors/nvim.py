"""Neovim: the time between a key and the ghost text on the screen of its terminal."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.editors.timing import Timing, server_ms, until_drawn_ms
from tests.editors.nvim.install import install
from tests.editors.nvim.session import Session, running

KEY = "("
_LINE = "value = measured"
_KEY_S = 0.11
"""As people type."""
_SETTLED_S = 0.6
"""After the line has been typed, until nothing is under way for it any more."""


async def measure(
    version: str, ghost: str, places: int, settings: Mapping[str, object]
) -> list[Timing]:
    """One timing for each place, after one that does not count."""
    own = {**settings, "local.enabled": False}
    with tempfile.TemporaryDirectory() as folder:
        async with running(
            install(version), Path(folder), options={"ghost": ghost}, settings=own
        ) as nvim:
            nvim.model.knows(f"{KEY}width, height)\n", least=len(KEY))
            await nvim.opened("measured.py")
            return [await _place(nvim) for _ in range(places + 1)][1:]


async def _place(nvim: Session) -> Timing:
    await nvim.terminal.type(_LINE, _KEY_S)
    await asyncio.sleep(_SETTLED_S)
    wire = nvim.wire.from_now()
    screen_ms = await until_drawn_ms(nvim.terminal, KEY, nvim.ghost)
    # Not rejected: where suggestions are rejected time and again, the server waits longer.
    await nvim.terminal.press("Tab", "Enter")
    return Timing(screen_ms, server_ms(wire))
