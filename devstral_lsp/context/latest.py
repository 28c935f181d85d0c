"""What a source found last, for as long as it will do.

Searching takes a thread some milliseconds, and Python's threads take them from the event loop. So
while somebody types on near the place that was searched for, what was found there is said again at
once, and the search for the new place begins when the request is on its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from devstral_lsp.context import hear
from devstral_lsp.context.base import Query, Snippet

LINES_NEAR = 100
"""Lines from where it was searched for; further away everything may be different."""

SOON_S = 0.03
"""Until then the request has been sent. Whoever asks again sooner holds a key down."""

Find = Callable[[Query], list[Snippet]]


@dataclass(frozen=True, slots=True)
class State:
    """What a search depends on: `around` the cursor, and on all else."""

    elsewhere: object
    around: object


@dataclass(slots=True)
class Latest:
    """Of one source. `find` blocks, and is called in a thread."""

    find: Find
    sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep
    _state: State | None = None
    _line: int = 0
    _found: list[Snippet] = field(default_factory=list)
    _wanted: tuple[Query, State] | None = None
    _searching: asyncio.Task[None] | None = None

    async def found(self, query: Query, state: State) -> list[Snippet]:
        """What was found, in the state that things are in or, in haste, shortly before."""
        if self._state == state:
            return self._found
        if query.in_haste and self._is_near(query, state):
            self._wanted = query, state
            if self._searching is None or self._searching.done():
                self._searching = asyncio.create_task(self._search_soon(self._wanted))
                self._searching.add_done_callback(hear)
            return self._found
        await self._search(query, state)
        return self._found

    def _is_near(self, query: Query, state: State) -> bool:
        known = self._state is not None and self._state.elsewhere == state.elsewhere
        return known and abs(query.line - self._line) <= LINES_NEAR

    async def _search_soon(self, wanted: tuple[Query, State]) -> None:
        """Search for what is wanted last, once nothing else has been wanted for a moment."""
        await self.sleep_s(SOON_S)
        while self._wanted is not None and wanted is not self._wanted:
            wanted = self._wanted
            await self.sleep_s(SOON_S)
        await self._search(*wanted)

    async def _search(self, query: Query, state: State) -> None:
        found = await asyncio.to_thread(self.find, query)
        self._state, self._line, self._found = state, query.line, found
