"""How long to wait before the network is asked.

A pause must be answered, a burst must not cost a request per key. Each keystroke earns a share of
a request; while there is credit, the wait is short and depends on the place; without it, the wait
is as long as it takes to be sure that this is a pause, judged by the user's own rhythm. Guards only
the network: whatever is remembered or on its way is never delayed. Pure but for the clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from devstral_lsp.completion.kind import in_prose
from devstral_lsp.completion.request import Place

EARNED_PER_KEY = 0.2
"""Requests that one keystroke earns: 20 upstream requests per 100 keys in the long run."""

MOST_CREDIT = 3.0

PAUSE_FACTOR = 1.6
"""An interval this many times the user's median is a pause and not a key of the same burst."""

SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS = 120.0, 350.0
"""Bounds of that wait: nobody types faster for long, and nobody waits longer gladly."""

UNWELCOME_MS = 700.0
"""Where suggestions are not wanted, only somebody who waits gets one."""

BURST_MS = 1_000.0
"""Longer intervals say nothing of how fast somebody types."""

AT_START_MS, AFTER_WORD_MS, INSIDE_WORD_MS, IN_PROSE_MS = 10.0, 30.0, 75.0, 150.0
"""Waits while there is credit. At a line's start or after a bracket, a dot or a space the next
unit is open; inside a word the user mostly knows how it goes on; in a comment always."""


class Pace:
    """One user's rhythm and credit. `clock_ms` gives milliseconds; `pinned_ms` overrides all."""

    def __init__(self, clock_ms: Callable[[], float], pinned_ms: float | None = None) -> None:
        self._clock_ms = clock_ms
        self._pinned_ms = pinned_ms
        self._intervals_ms: deque[float] = deque(maxlen=30)
        self._last_key_ms: float | None = None
        self._credit = MOST_CREDIT

    def key(self) -> None:
        """A request came from the editor: a key was pressed."""
        now_ms = self._clock_ms()
        if self._last_key_ms is not None and now_ms - self._last_key_ms < BURST_MS:
            self._intervals_ms.append(now_ms - self._last_key_ms)
        self._last_key_ms = now_ms
        self._credit = min(MOST_CREDIT, self._credit + EARNED_PER_KEY)

    def asked(self) -> None:
        """The network was asked."""
        self._credit = max(0.0, self._credit - 1.0)

    def wait_ms(self, place: Place, *, unwelcome: bool = False) -> float:
        """How long to wait at this place before asking; `unwelcome` asks in long pauses alone."""
        if self._pinned_ms is not None:
            return self._pinned_ms
        if unwelcome:
            return UNWELCOME_MS
        if self._credit < 1.0:
            return max(self._pause_ms(), _place_ms(place))
        return _place_ms(place)

    def _pause_ms(self) -> float:
        if not self._intervals_ms:
            return SHORTEST_PAUSE_MS
        usual_ms = median(self._intervals_ms)
        return min(LONGEST_PAUSE_MS, max(SHORTEST_PAUSE_MS, usual_ms * PAUSE_FACTOR))


def _place_ms(place: Place) -> float:
    line = place.line_before
    if in_prose(place):
        return IN_PROSE_MS
    if not line.strip() or line[-1] in "([{.=,:":
        return AT_START_MS
    if not (line[-1].isalnum() or line[-1] == "_"):
        return AFTER_WORD_MS
    return INSIDE_WORD_MS
