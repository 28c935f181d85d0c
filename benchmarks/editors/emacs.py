"""Emacs: the time between a key and the ghost text on the screen of its terminal."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.editors.timing import Timing, server_ms, until_drawn_ms
from tests.editors.emacs.install import install
from tests.editors.emacs.session import Session, running

KEY = "("
_LINE = "value = measured"
_REST = "width, height)"
_KEY_S = 0.11
"""As people type."""
_SETTLED_S = 0.6
"""After the line has been typed, until nothing is under way for it any more."""


async def measure(client: str, places: int, settings: Mapping[str, object]) -> list[Timing]:
    """One timing for each place, after one that does not count."""
    own = {**settings, "local.enabled": False}
    with tempfile.TemporaryDirectory() as folder:
        async with running(install(), Path(folder), client, own) as emacs:
            emacs.model.knows(f"{KEY}{_REST}\n", least=len(KEY))
            await emacs.opened("measured.py")
            return [await _place(emacs) for _ in range(places + 1)][1:]


async def _place(emacs: Session) -> Timing:
    await emacs.terminal.type(_LINE, _KEY_S)
    await asyncio.sleep(_SETTLED_S)
    wire = emacs.wire.from_now()
    before = emacs.terminal.text().count(_REST)
    screen_ms = await until_drawn_ms(
        emacs.terminal, KEY, lambda: emacs.terminal.text().count(_REST) > before
    )
    # Not rejected: where suggestions are rejected time and again, the server waits longer.
    await emacs.press("TAB RET")
    return Timing(screen_ms, server_ms(wire))
