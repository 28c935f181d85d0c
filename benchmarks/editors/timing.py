"""What is measured at one place, whichever the editor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.editors.support.screen import Terminal
from tests.editors.support.waiting import PATIENCE_S
from tests.editors.support.wiretap import Wiretap


@dataclass(frozen=True, slots=True)
class Timing:
    """From the key to the screen, and of that from the request to the server's answer."""

    screen_ms: float
    server_ms: float


async def until_drawn_ms(terminal: Terminal, key: str, look: Callable[[], object]) -> float:
    """The time from a key to the first screen that `look` likes."""
    drawn = asyncio.Event()

    def on_screen() -> None:
        if look():
            drawn.set()

    terminal.on_screen = on_screen
    start = time.monotonic()
    terminal.send(key)
    await asyncio.wait_for(drawn.wait(), PATIENCE_S)
    terminal.on_screen = None
    return (time.monotonic() - start) * 1000


def server_ms(wire: Wiretap) -> float:
    """From the last request that was answered with something to its answer."""
    passed = wire.messages()
    answer = next(each for each in reversed(passed) if _has_items(each.body))
    request = next(
        each
        for each in passed
        if each.source == "editor" and each.body.get("id") == answer.body["id"]
    )
    return (answer.at - request.at) * 1000


def _has_items(body: dict[str, object]) -> bool:
    result = body.get("result")
    return isinstance(result, dict) and bool(result.get("items"))
