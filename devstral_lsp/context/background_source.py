"""Let a slow source finish in the background, so that the next keystroke finds its caches filled.

A caller may stop waiting while the work continues. The next call first waits for that work, then
queries the source again: only one query runs at a time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from devstral_lsp.context.base import ContextQuery, ContextSource, Snippet

MAX_DOCUMENTS = 16


class BackgroundSource:
    """Wraps another source and remembers its last result for each document."""

    def __init__(self, source: ContextSource) -> None:
        self.name = source.name
        self._source = source
        self._query: asyncio.Task[Sequence[Snippet]] | None = None
        self._last_results: OrderedDict[str, Sequence[Snippet]] = OrderedDict()

    async def snippets(self, query: ContextQuery) -> Sequence[Snippet]:
        """Return the source's snippets. Cancellation ends the wait, not the work."""
        while self._query is not None and not self._query.done():
            await asyncio.wait((self._query,))
        self._query = asyncio.create_task(self._run(query))
        return await asyncio.shield(self._query)

    def last_result(self, uri: str) -> Sequence[Snippet]:
        """The last snippets for a document, for when the source is late; () if there are none."""
        return self._last_results.get(uri, ())

    def forget(self, uri: str) -> None:
        self._last_results.pop(uri, None)

    async def close(self) -> None:
        """Cancel the work in the background."""
        if self._query is not None:
            self._query.cancel()
            await asyncio.gather(self._query, return_exceptions=True)

    async def _run(self, query: ContextQuery) -> Sequence[Snippet]:
        snippets = await self._source.snippets(query)
        self._last_results[query.snapshot.uri] = snippets
        self._last_results.move_to_end(query.snapshot.uri)
        while len(self._last_results) > MAX_DOCUMENTS:
            self._last_results.popitem(last=False)
        return snippets
