"""VS Code: the time between the key in the page and the frame in which ghost text is drawn."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.editors.timing import Timing, server_ms
from tests.editors.vscode.install import install
from tests.editors.vscode.session import Session, running

KEY = "("
_LINE = "value = measured"
_KEY_MS = 110.0
"""As people type. What comes faster VS Code asks about only once, and the server, which earns its
requests by keys, becomes thrifty."""
_SETTLED_S = 0.6
"""After the line has been typed, until nothing is under way for it any more."""

_KEY_TO_FRAME = """(key) => new Promise((resolve) => {
  let pressed = 0;
  addEventListener("keydown", (event) => {
    if (event.key === key) pressed = performance.now();
  }, { capture: true });
  const drawn = () => document.querySelector(".view-lines [class*='ghost-text-decoration']");
  const watch = new MutationObserver(() => {
    if (!pressed || !drawn()) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed)));
  });
  watch.observe(document.body, { subtree: true, childList: true, attributes: true });
})"""


async def measure(places: int, settings: Mapping[str, object]) -> list[Timing]:
    """One timing for each place, after one that does not count."""
    user = {f"devstral.{key}": value for key, value in settings.items()}
    user["devstral.local.enabled"] = False
    with tempfile.TemporaryDirectory() as folder:
        async with running(install(), Path(folder), user=user) as vscode:
            vscode.model.knows(f"{KEY}width, height)\n", least=len(KEY))
            await vscode.opened("measured.py")
            return [await _place(vscode) for _ in range(places + 1)][1:]


async def _place(vscode: Session) -> Timing:
    window = vscode.window
    await window.type(_LINE, delay_ms=_KEY_MS)
    await asyncio.sleep(_SETTLED_S)
    wire = vscode.wire.from_now()
    drawn = asyncio.ensure_future(window.page.evaluate(_KEY_TO_FRAME, KEY))
    await asyncio.sleep(0.1)
    await window.press(KEY)
    screen_ms = float(await drawn)
    # Not rejected: where suggestions are rejected time and again, the server waits longer.
    await window.press("Tab", "Enter")
    return Timing(screen_ms, server_ms(wire))
