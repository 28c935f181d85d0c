"""What is measured at one place, whichever the editor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """From the key to the screen, and of that from the request to the server's answer."""

    screen_ms: float
    server_ms: float
