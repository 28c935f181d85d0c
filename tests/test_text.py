from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.text import Snapshot, Text, map_offset, minimal_edit
from tests.support.plain_text import documents, insertions, line_bounds

block_sizes = st.integers(1, 9)
cuts = st.floats(0, 1)


def check(text: Text, expected: str) -> None:
    """Everything a `Text` can be asked, against the plain string."""
    bounds = line_bounds(expected)
    assert str(text) == expected
    assert len(text) == len(expected)
    assert text.line_count == len(bounds)
    assert [(text.line_start(n), text.line_end(n)) for n in range(len(bounds))] == bounds
    assert [text.line(n) for n in range(len(bounds))] == [expected[a:b] for a, b in bounds]
    starts = [start for start, _ in bounds]
    for offset in range(len(expected) + 1):
        assert text.line_of(offset) == sum(start <= offset for start in starts) - 1


@given(documents, block_sizes)
@settings(max_examples=150, deadline=None)
def test_a_text_reads_like_its_string(string: str, block_size: int) -> None:
    check(Text.of(string, block_size=block_size), string)


@given(documents, block_sizes, st.integers(-3, 50), st.integers(-3, 50))
@settings(max_examples=150, deadline=None)
def test_a_slice_is_the_strings_slice(string: str, block_size: int, start: int, end: int) -> None:
    text = Text.of(string, block_size=block_size)
    assert text.slice(start, end) == string[max(start, 0) : max(end, 0)]


@given(documents, block_sizes, st.lists(st.tuples(cuts, cuts, insertions), max_size=12))
@settings(max_examples=200, deadline=None)
def test_edits_do_what_they_do_to_a_string(
    string: str, block_size: int, edits: list[tuple[float, float, str]]
) -> None:
    text = Text.of(string, block_size=block_size)
    for one, other, new in edits:
        start, end = sorted(round(cut * len(string)) for cut in (one, other))
        before, before_string = text, string
        text = text.replace(start, end, new)
        string = string[:start] + new + string[end:]
        check(text, string)
        assert str(before) == before_string


@pytest.mark.parametrize("block_size", range(1, 7))
def test_every_small_edit_around_carriage_returns(block_size: int) -> None:
    string = "\ra\n\r\n\n\rb\r"
    before = Text.of(string, block_size=block_size)
    for start, width, new in product(range(9), range(4), ("", "\r", "\n", "\r\n", "\n\r")):
        after = before.replace(start, start + width, new)
        check(after, string[:start] + new + string[start + width :])


def test_a_line_end_joined_across_blocks_is_one_line_end() -> None:
    text = Text.of("abcd\rWXYZ\nefgh", block_size=3)
    joined = text.replace(5, 9, "")
    assert str(joined) == "abcd\r\nefgh"
    assert [joined.line(n) for n in range(joined.line_count)] == ["abcd", "efgh"]


def test_a_line_end_torn_apart_is_two() -> None:
    text = Text.of("abcd\r\nefgh", block_size=5).replace(5, 5, "-")
    assert [text.line(n) for n in range(text.line_count)] == ["abcd", "-", "efgh"]


@pytest.mark.parametrize("mark", ["\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_only_lsp_line_ends_end_a_line(mark: str) -> None:
    assert Text.of(f"a{mark}b").line_count == 1


def test_an_empty_text_has_one_empty_line() -> None:
    check(Text.of(""), "")
    check(Text.of("x\n").replace(0, 2, ""), "")


@pytest.mark.parametrize("line", [-1, 2])
def test_a_line_that_does_not_exist_is_refused(line: int) -> None:
    text = Text.of("a\nb")
    for ask in (text.line, text.line_start, text.line_end):
        with pytest.raises(IndexError, match="2 lines"):
            ask(line)


def test_offsets_outside_the_text_are_brought_into_it() -> None:
    text = Text.of("a\nb")
    assert str(text.replace(-5, 1, "x")) == "x\nb"
    assert str(text.replace(2, 99, "x")) == "a\nx"
    assert str(text.replace(99, 0, "x")) == "a\nbx"
    assert (text.line_of(-1), text.line_of(99)) == (0, 1)


@pytest.mark.parametrize("offset", [0, 1, 2_000, 2_048, 3_999, 4_000])
def test_an_edit_rebuilds_at_most_three_blocks(offset: int) -> None:
    before = Text.of("line\n" * 800, block_size=64)
    after = before.replace(offset, offset + 1, "new")
    kept = {id(block) for block in before.blocks} & {id(block) for block in after.blocks}
    assert len(before.blocks) - len(kept) <= 3


def test_blocks_neither_pile_up_nor_grow_without_bound() -> None:
    text = Text.of("line\n" * 800, block_size=64)
    for offset in range(3_000, 0, -1):
        text = text.replace(offset, offset + 1, "")
    assert len(text.blocks) < 1_000 / 64 + 3
    for offset in range(3_000):
        text = text.replace(offset, offset, "x")
    assert max(len(block.string) for block in text.blocks) <= 2 * 64


def test_an_edit_that_changes_nothing_gives_the_same_text() -> None:
    text = Text.of("abc")
    assert text.replace(1, 1, "") is text


def test_texts_are_equal_when_they_read_the_same() -> None:
    one, other = Text.of("a\nb", block_size=1), Text.of("b").replace(0, 0, "a\n")
    assert one == other
    assert hash(one) == hash(other)
    assert one != Text.of("a\nc")
    assert one != "a\nb"


@given(documents, st.integers(0, 40), st.integers(0, 3), st.text("ab\n", max_size=3))
def test_an_edited_text_equals_what_reads_like_it_alone(
    string: str, start: int, removed: int, new: str
) -> None:
    text = Text.of(string, block_size=3)
    edited = text.replace(start, start + removed, new)
    assert edited == Text.of(str(edited), block_size=4)
    assert (edited == text) is (str(edited) == string)


def test_neither_a_text_nor_a_snapshot_shows_its_source_when_printed() -> None:
    text = Text.of("secret")
    snapshot = Snapshot(uri="file:///a.py", version=1, language="python", text=text)
    assert "secret" not in repr(text) + repr(snapshot) + f"{snapshot}"


def test_joining_is_done_once() -> None:
    text = Text.of("a\n" * 100, block_size=8)
    assert str(text) is str(text)


@given(documents, documents)
def test_a_difference_makes_the_one_of_the_other(before: str, after: str) -> None:
    edit = minimal_edit(Text.of(before), Text.of(after))
    span = edit.span
    assert before[: span.start] + edit.text + before[span.end :] == after
    removed = before[span.start : span.end]
    assert not removed or not edit.text or removed[0] != edit.text[0], "the start is the longest"


@given(
    base=st.text("ab\n", max_size=40),
    edits=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 9), st.text("ab\n", max_size=9)), max_size=3
    ),
)
def test_a_difference_from_what_it_was_made_of_makes_it(
    base: str, edits: list[tuple[int, int, str]]
) -> None:
    old = new = Text.of(base, block_size=4)
    for start, length, string in edits:
        new = new.replace(start, start + length, string)
    edit = minimal_edit(old, new)
    assert base[: edit.span.start] + edit.text + base[edit.span.end :] == str(new)


@given(documents, insertions, documents)
def test_a_difference_is_no_more_than_was_inserted(before: str, middle: str, after: str) -> None:
    edit = minimal_edit(Text.of(before + after), Text.of(before + middle + after))
    assert edit.span.start == edit.span.end
    assert len(edit.text) == len(middle)


@given(documents, insertions, documents)
def test_offsets_behind_an_edit_move_and_those_before_it_stay(
    before: str, middle: str, after: str
) -> None:
    edit = minimal_edit(Text.of(before + after), Text.of(before + middle + after))
    assert map_offset(0, edit) == 0
    end = len(before + after)
    assert map_offset(end, edit) in (end, end + len(middle))
    if end > edit.span.start:
        assert map_offset(end, edit) == end + len(middle)
