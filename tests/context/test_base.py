"""What of a document the sources may look at."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.context.base import (
    LINES_IN_VIEW,
    PAGE_LINES,
    PART_LINES,
    STEP_LINES,
    ContextQuery,
)
from tests.context.asking import query_at

LINES = [f"line {number}" for number in range(600)]


def at_line(line: int) -> ContextQuery:
    marked = [*LINES[:line], f"│{LINES[line]}", *LINES[line + 1 :]]
    return query_at("/w/a.py", "\n".join(marked))


def typed(query: ContextQuery, text: str) -> ContextQuery:
    document = query.snapshot.text.replace(query.offset, query.offset, text)
    snapshot = replace(query.snapshot, text=document)
    return ContextQuery(snapshot=snapshot, offset=query.offset + len(text))


@given(st.integers(0, 599), st.integers(0, 40), st.integers(0, 40))
def test_at_least_so_many_lines_around_without_the_cursors_own(
    line: int, before: int, after: int
) -> None:
    lines = at_line(line).lines_around(before, after).split("\n")
    own = lines.index("")
    above, below = lines[:own], lines[own + 1 :]
    assert above == LINES[line - len(above) : line]
    assert below == LINES[line + 1 : line + 1 + len(below)]
    assert min(line, before) <= len(above) < before + STEP_LINES
    assert min(599 - line, after) <= len(below) < after + STEP_LINES


def test_lines_come_near_and_go_far_in_steps() -> None:
    starts = [at_line(line).lines_around(30, 0).split("\n")[0] for line in range(200, 264)]
    assert len(set(starts)) == 64 / STEP_LINES + 1


def test_the_start_without_the_cursors_line() -> None:
    assert at_line(1).start(14) == "line 0\n\nline 2"
    assert at_line(300).start(13) == "line 0\nline 1"


def test_line_ends_become_one_kind() -> None:
    query = query_at("/w/a.py", "a\r\n│b\rc")
    assert (query.lines_around(1, 1), query.start(9)) == ("a\n\nc", "a\n\nc")


@given(st.integers(0, 599), st.text("ab ", min_size=1, max_size=9))
def test_typing_in_a_line_changes_nothing_that_is_looked_at(line: int, text: str) -> None:
    before, after = at_line(line), typed(at_line(line), text)
    assert before.lines_around(30, 15) == after.lines_around(30, 15)
    assert before.start(3_000) == after.start(3_000)
    assert before.out_of_view_parts == after.out_of_view_parts


@given(st.integers(0, 599))
def test_distant_parts_lie_out_of_view_and_in_their_place(line: int) -> None:
    query = at_line(line)
    for first, text in query.out_of_view_parts:
        lines = text.split("\n")
        assert lines[0] == LINES[first]
        last = first + len([each for each in lines if each]) - 1
        assert not query.is_in_prompt_window(first, last - 1)
        assert len([each for each in lines if each]) % PAGE_LINES == 0


def test_distant_parts_stay_the_same_over_several_lines() -> None:
    query = at_line(300)
    texts = [text for _, text in query.out_of_view_parts]
    assert len(texts) == 2
    further = typed(query, "one\ntwo\n")
    assert [text for _, text in further.out_of_view_parts] == texts


def test_a_small_document_has_no_distant_part() -> None:
    lines = "\n".join(LINES[:LINES_IN_VIEW])
    query = query_at("/w/a.py", f"│{lines}")
    assert query.out_of_view_parts == ()


def test_a_long_document_is_far_away_in_parts_that_join_to_the_whole() -> None:
    lines = [f"line {number}" for number in range(6_000)]
    text = "\n".join(lines)
    for line in (0, 500, 3_000, 5_999):
        marked = "\n".join([*lines[:line], "│" + lines[line], *lines[line + 1 :]])
        parts = query_at("/w/a.py", marked).out_of_view_parts
        assert all(0 < part.rstrip("\n").count("\n") < PART_LINES for _, part in parts)
        above = "".join(part for first, part in parts if first < line)
        below = "".join(part for first, part in parts if first > line)
        assert text.startswith(above)
        assert text.endswith(below)
        assert (above + below).count("\n") > 6_000 - 2 * (LINES_IN_VIEW + PAGE_LINES)


def test_one_more_page_changes_one_part_of_a_long_document() -> None:
    query = query_at("/w/a.py", "x\n" * 3_000 + "│\n" + "y\n" * 3_000)
    further = typed(query, "z\n" * PAGE_LINES)
    parts, later = ({text for _, text in each.out_of_view_parts} for each in (query, further))
    assert len(later - parts) == 1
