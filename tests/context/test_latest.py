"""When a search is made anew, and when what was found will do."""

from __future__ import annotations

import asyncio
import gc
import threading
from dataclasses import replace

from devstral_lsp.context.base import Query, Snippet
from devstral_lsp.context.latest import LINES_NEAR, Latest, State
from tests.context.asking import query_at, snippet
from tests.support.scripted import settle

TYPING = replace(query_at("/w/a.py", "x = │\n" + "\n" * 3 * LINES_NEAR), in_haste=True)


class Search:
    """Counts, and finds its own number. The test lets waiting tasks go on."""

    def __init__(self) -> None:
        self.made = 0
        self.made_twice = threading.Event()
        self.made_thrice = threading.Event()
        self.go_on = asyncio.Event()
        self.latest = Latest(self.find, self.wait)

    def find(self, query: Query) -> list[Snippet]:
        self.made += 1
        if self.made == 2:
            self.made_twice.set()
        if self.made == 3:
            self.made_thrice.set()
        return [snippet(str(self.made))]

    def fail(self, query: Query) -> list[Snippet]:
        raise ValueError("with a line of the user's")

    async def wait(self, seconds: float) -> None:
        await self.go_on.wait()

    async def found(self, elsewhere: str, around: str, query: Query = TYPING) -> str:
        (found,) = await self.latest.found(query, State(elsewhere, around))
        return found.text


async def test_the_same_state_is_searched_once() -> None:
    search = Search()
    assert [await search.found("", "a"), await search.found("", "a")] == ["1", "1"]


async def test_near_by_the_last_will_do_until_the_next_is_found() -> None:
    search = Search()
    assert await search.found("", "a") == "1"
    assert await search.found("", "b") == "1"
    assert await search.found("", "b") == "1", "one search at a time"
    search.go_on.set()
    await asyncio.to_thread(search.made_twice.wait, 10)
    await settle()
    assert await search.found("", "b") == "2"
    assert search.made == 2
    assert await search.found("", "c") == "2"
    await asyncio.to_thread(search.made_thrice.wait, 10)
    await settle()
    assert await search.found("", "c") == "3"


async def test_a_search_that_fails_behind_bothers_nobody() -> None:
    troubles: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: troubles.append(told))
    search = Search()
    search.go_on.set()
    await search.found("", "a")
    search.latest.find = search.fail
    assert await search.found("", "b") == "1"
    assert search.latest._searching is not None
    await asyncio.wait((search.latest._searching,))
    search.latest._searching = None
    gc.collect()
    assert troubles == []


async def test_what_changed_elsewhere_is_searched_at_once() -> None:
    search = Search()
    assert [await search.found("", "a"), await search.found("another", "a")] == ["1", "2"]


async def test_far_away_is_searched_at_once() -> None:
    search = Search()
    far = replace(TYPING, offset=len(TYPING.snapshot.text))
    assert [await search.found("", "a"), await search.found("", "b", far)] == ["1", "2"]


async def test_without_haste_every_change_is_searched_at_once() -> None:
    search = Search()
    calm = replace(TYPING, in_haste=False)
    assert [await search.found("", "a"), await search.found("", "b", calm)] == ["1", "2"]


async def test_while_lines_are_passed_only_the_last_is_searched_for() -> None:
    searched: list[int] = []
    awake = [asyncio.Event(), asyncio.Event(), asyncio.Event()]
    events = iter(awake)

    def find(query: Query) -> list[Snippet]:
        searched.append(query.line)
        return []

    async def sleep(seconds: float) -> None:
        await next(events).wait()

    latest = Latest(find, sleep)
    for line in range(3):
        text = "\n" * line + "x = │\n" + "\n" * (9 - line)
        query = replace(query_at("/w/a.py", text), in_haste=True)
        await latest.found(query, State("", str(line)))
        await settle()
    assert searched == [0]
    awake[0].set()
    await settle()
    assert searched == [0], "another line was wanted meanwhile"
    awake[1].set()
    assert latest._searching is not None
    await latest._searching
    assert searched == [0, 2]
