"""Helix: the time between a key and the menu on the screen of its terminal."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.editors.timing import Timing, server_ms, until_drawn_ms
from tests.editors.helix.install import install
from tests.editors.helix.session import Session, running

KEY = "("
"""Helix asks at once at such a character; within a word it waits for a pause of its own."""
_LINE = "value = measured"
_KEY_S = 0.11
_SETTLED_S = 0.6


async def measure(places: int, settings: Mapping[str, object]) -> list[Timing]:
    """One timing for each place, after one that does not count."""
    own = {**settings, "local.enabled": False}
    with tempfile.TemporaryDirectory() as folder:
        async with running(install(), Path(folder), settings=own) as helix:
            helix.model.knows(f"{KEY}width, height)\n", least=len(KEY))
            await helix.opened("measured.py")
            return [await _place(helix) for _ in range(places + 1)][1:]


async def _place(helix: Session) -> Timing:
    await helix.insert("o")
    await helix.terminal.type(_LINE, _KEY_S)
    await asyncio.sleep(_SETTLED_S)
    wire = helix.wire.from_now()
    screen_ms = await until_drawn_ms(helix.terminal, KEY, helix.menu)
    await helix.terminal.press("Tab", "Enter")
    await helix.normal()
    return Timing(screen_ms, server_ms(wire))
