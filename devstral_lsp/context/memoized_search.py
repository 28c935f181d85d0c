"""What a source found last, for as long as nothing has changed that it depends on.

Searching takes a thread some milliseconds, and Python's threads take them from the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from devstral_lsp.context.base import ContextQuery, Snippet

Find = Callable[[ContextQuery], list[Snippet]]


@dataclass(slots=True)
class MemoizedSearch:
    """Of one source. `find` blocks, and is called in a thread."""

    find: Find
    _state: object = None
    _found: list[Snippet] = field(default_factory=list)

    async def search(self, query: ContextQuery, state: object) -> list[Snippet]:
        """What is found for `query`, which depends on `state` alone; that is never None."""
        if self._state != state:
            found = await asyncio.to_thread(self.find, query)
            self._state, self._found = state, found
        return self._found
