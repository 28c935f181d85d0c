"""Edits elsewhere, as snippets."""

from __future__ import annotations

from pathlib import Path

from devstral_lsp.context.base import LINES_IN_VIEW, Hunk
from devstral_lsp.context.recent_edits import MAX_HUNKS, NEWEST, RecentEdits
from tests.context.asking import query_at


def hunk(name: str, line: int = 0, text: str = "changed") -> Hunk:
    return Hunk(f"file:///w/{name}", "python", text, line, line + text.count("\n"))


async def shown(*hunks: Hunk, line: int = 0) -> list[tuple[str, int, int]]:
    query = query_at("/w/own.py", "\n" * line + "│\n" * 2, hunks=hunks, folders=(Path("/w"),))
    return [(each.path, each.line, each.score) for each in await RecentEdits().snippets(query)]


async def test_the_newest_score_higher() -> None:
    hunks = [hunk(f"{number}.py") for number in range(5)]
    scores = {path: score for path, _, score in await shown(*hunks)}
    assert scores["4.py"] == scores["2.py"] > scores["1.py"] == scores["0.py"]
    assert NEWEST == 3


async def test_no_more_than_a_few() -> None:
    found = await shown(*(hunk(f"{number}.py") for number in range(20)))
    assert [path for path, _, _ in found] == [f"{n}.py" for n in range(19, 19 - MAX_HUNKS, -1)]


async def test_not_what_stands_around_the_cursor() -> None:
    line = 2 * LINES_IN_VIEW
    hunks = [hunk("own.py", each) for each in (0, line - 50, line, line + 50, 2 * line)]
    assert [at for _, at, _ in await shown(*hunks, line=line)] == [2 * line, 0]


async def test_edits_around_the_cursor_push_no_others_out() -> None:
    near = [hunk("own.py", line) for line in range(0, 90, 5)]
    assert [path for path, _, _ in await shown(hunk("a.py"), *near)] == ["a.py"]


async def test_a_deletion_that_left_nothing_is_not_shown() -> None:
    assert await shown(hunk("a.py", text="\n\n")) == []
