"""Lets a source that was late finish, for the next keystroke.

Whoever asks may give up; the work goes on, and whoever asks next waits for it before having the
source look again, which then finds its caches filled. One piece of work at a time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from devstral_lsp.context.base import ContextQuery, ContextSource, Snippet

MOST_DOCUMENTS = 16


class BackgroundSource:
    """A source around another one."""

    def __init__(self, source: ContextSource) -> None:
        self.name = source.name
        self._source = source
        self._working: asyncio.Task[Sequence[Snippet]] | None = None
        self._said: OrderedDict[str, Sequence[Snippet]] = OrderedDict()

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """What the source says. Cancelling ends the waiting and not the work."""
        while self._working is not None and not self._working.done():
            await asyncio.wait((self._working,))
        self._working = asyncio.create_task(self._work(query))
        return await asyncio.shield(self._working)

    def last_result(self, uri: str) -> Sequence[Snippet]:
        """What it last said about a document: better than nothing where it is late."""
        return self._said.get(uri, ())

    def forget(self, uri: str) -> None:
        self._said.pop(uri, None)

    async def close(self) -> None:
        """Give up the work."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _work(self, query: ContextQuery) -> Sequence[Snippet]:
        said = await self._source.snippets(query)
        self._said[query.snapshot.uri] = said
        self._said.move_to_end(query.snapshot.uri)
        while len(self._said) > MOST_DOCUMENTS:
            self._said.popitem(last=False)
        return said
