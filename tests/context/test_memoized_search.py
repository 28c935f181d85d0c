"""When a search is made anew, and when what was found will do."""

from __future__ import annotations

import pytest

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.memoized_search import MemoizedSearch
from tests.context.asking import query_at, snippet

QUERY = query_at("/w/a.py", "x = │\n")


class Search:
    """Counts, and finds its own number."""

    def __init__(self) -> None:
        self.made = 0
        self.latest = MemoizedSearch(self.find)

    def find(self, query: ContextQuery) -> list[Snippet]:
        self.made += 1
        if self.made == 3:
            raise ValueError("with a line of the user's")
        return [snippet(str(self.made))]

    async def found(self, state: str) -> str:
        (found,) = await self.latest.search(QUERY, state)
        return found.text


async def test_each_state_is_searched_once() -> None:
    search = Search()
    assert [await search.found(state) for state in ("a", "a", "b", "b")] == ["1", "1", "2", "2"]


async def test_a_search_that_failed_is_made_anew() -> None:
    search = Search()
    assert [await search.found("a"), await search.found("b")] == ["1", "2"]
    with pytest.raises(ValueError, match="a line"):
        await search.found("c")
    assert await search.found("c") == "4"
