"""The delay before a request is sent to the network.

A pause must be answered; a burst must not cost a request per key. Each keystroke earns a share of
a request. With credit, the delay is short and depends on the position; without credit, it is as
long as it takes to be sure that this is a pause, judged by the user's own rhythm. Only network
requests are delayed, never cached answers or streams in flight. Pure but for the clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from devstral_lsp.completion.cursor_position import PositionKind, position_kind
from devstral_lsp.completion.latency import USUAL_MS
from devstral_lsp.completion.types import CursorContext

EARNED_PER_KEY = 0.2
"""Request credit per keystroke: 20 upstream requests per 100 keys in the long run."""

MAX_CREDIT = 3.0

PAUSE_FACTOR = 1.6
"""An interval this many times the user's median is a pause and not a key of the same burst."""

MIN_PAUSE_MS, MAX_PAUSE_MS = 120.0, 350.0
"""Bounds of that wait: users do not type faster for long, and do not like to wait longer."""

SUPPRESSED_DELAY_MS = 700.0
"""The delay where users have rejected suggestions: only a user who pauses gets one."""

BURST_MS = 1_000.0
"""Longer intervals say nothing about the user's typing speed."""

DELAY_MS_BY_POSITION = {
    PositionKind.LINE_START: 10.0,
    PositionKind.OPENED: 10.0,
    PositionKind.BETWEEN: 30.0,
    PositionKind.WORD_END: 150.0,
    PositionKind.INSIDE_WORD: 300.0,
    PositionKind.COMMENT: 150.0,
    PositionKind.STRING: 150.0,
}
"""Delays while there is credit. At a line's start or after a bracket, a dot or a space, the user
may not know what comes next; within a word, as in prose, the user mostly does, most of all when
changing an existing word."""

MIN_SCALE, MAX_SCALE = 0.5, 2.0
"""How far the endpoint's own time to a first token may scale these waits: they are a share of what
an answer takes anyway. One that answers in a wink may be asked sooner; from one that takes a second
a wait takes little, and saves a request that comes too early."""


class Debouncer:
    """One user's rhythm and credit. `clock_ms` gives milliseconds; `pinned_ms` overrides all."""

    def __init__(self, clock_ms: Callable[[], float], pinned_ms: float | None = None) -> None:
        self._clock_ms = clock_ms
        self._pinned_ms = pinned_ms
        self._intervals_ms: deque[float] = deque(maxlen=30)
        self._last_key_ms: float | None = None
        self._credit = MAX_CREDIT

    def record_keystrokes(self, count: int) -> None:
        """A request came from the editor: so many keys have been pressed since the one before."""
        now_ms = self._clock_ms()
        if self._last_key_ms is not None and (now_ms - self._last_key_ms) / count < BURST_MS:
            self._intervals_ms.append((now_ms - self._last_key_ms) / count)
        self._last_key_ms = now_ms
        self._credit = min(MAX_CREDIT, self._credit + count * EARNED_PER_KEY)

    def record_request(self) -> None:
        """The network was asked."""
        self._credit = max(0.0, self._credit - 1.0)

    def delay_ms(
        self, place: CursorContext, *, first_token_ms: float = USUAL_MS, unwelcome: bool = False
    ) -> float:
        """How long to wait at this place before asking; `unwelcome` asks in long pauses alone.

        `first_token_ms` is what the endpoint takes to begin an answer.
        """
        if self._pinned_ms is not None:
            return self._pinned_ms
        if unwelcome:
            return SUPPRESSED_DELAY_MS
        scale = min(MAX_SCALE, max(MIN_SCALE, first_token_ms / USUAL_MS))
        place_ms = DELAY_MS_BY_POSITION[position_kind(place)] * scale
        return place_ms if self._credit >= 1.0 else max(self._pause_ms(), place_ms)

    def _pause_ms(self) -> float:
        if not self._intervals_ms:
            return MIN_PAUSE_MS
        usual_ms = median(self._intervals_ms)
        return min(MAX_PAUSE_MS, max(MIN_PAUSE_MS, usual_ms * PAUSE_FACTOR))
