"""Cache the last result of a search until its inputs change.

A search runs for some milliseconds in a thread, during which the event loop is slower.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from devstral_lsp.context.base import ContextQuery, Snippet

Find = Callable[[ContextQuery], list[Snippet]]


@dataclass(slots=True)
class MemoizedSearch:
    """Caches one source's search. `find` is blocking and runs in a thread."""

    find: Find
    _state: object = None
    _found: list[Snippet] = field(default_factory=list)

    async def search(self, query: ContextQuery, state: object) -> list[Snippet]:
        """The snippets for `query`. They must depend only on `state`, which is never None."""
        if self._state != state:
            found = await asyncio.to_thread(self.find, query)
            self._state, self._found = state, found
        return self._found
