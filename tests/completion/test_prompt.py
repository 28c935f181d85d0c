"""Prompts: what is in them, and what does not change in them while somebody types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.completion.prompt import MAX_LINE_LENGTH, MIN_SHOWN, build_prompt
from devstral_lsp.completion.types import CURSOR
from devstral_lsp.text import Text


def built(marked: str, budget: int = 6_500) -> tuple[str, str]:
    before, after = marked.split(CURSOR)
    windows = build_prompt(Text.of(before + after), len(before), budget)
    return windows.prompt, windows.suffix


@pytest.mark.parametrize(
    "marked",
    ["│", "x = │", "│x = 1", "a\nb = │\nc\n", "a\n│", "a\n\n│\n\n", "│\n"],
)
def test_a_short_document_is_shown_whole(marked: str) -> None:
    assert list(built(marked)) == marked.split(CURSOR)


def test_the_model_sees_one_kind_of_line_end() -> None:
    assert built("a\r\nb│\rc\n") == ("a\nb", "\nc\n")


def lines(count: int) -> str:
    return "".join(f"value_{i} = compute({i})\n" for i in range(count))


def test_windows_keep_to_the_budget() -> None:
    prompt, suffix = built(lines(3000) + "x = │ + 1\n" + lines(3000), 3_200)
    assert len(prompt) + len(suffix) <= 3_200 + len("x =  + 1")
    assert len(prompt) > 1500
    assert len(suffix) > 300


def test_long_lines_leave_enough_around_the_cursor_everywhere() -> None:
    wide = [f"value_{i} = compute({'argument, ' * 12}{i})\n" for i in range(300)]
    sizes = [
        tuple(map(len, built("".join([*wide[:line], "│", *wide[line:]]))))
        for line in range(80, 200)
    ]
    assert min(prompt for prompt, _ in sizes) > 6_500 * 0.75 * MIN_SHOWN - len(wide[-1])
    assert min(suffix for _, suffix in sizes) > 6_500 * 0.25 * MIN_SHOWN - len(wide[-1])


def test_windows_begin_and_end_at_lines() -> None:
    prompt, suffix = built(lines(3000) + "x = │ + 1\n" + lines(3000), 3_200)
    assert prompt.startswith("value_")
    assert suffix.endswith(")")
    assert prompt.endswith("\nx = ")
    assert suffix.startswith(" + 1\nvalue_0 = ")


def test_a_line_without_end_is_cut_near_the_cursor() -> None:
    prompt, suffix = built("a" * 50_000 + "│" + "b" * 50_000, 3_200)
    assert prompt == "a" * MAX_LINE_LENGTH
    assert suffix == "b" * MAX_LINE_LENGTH


def test_in_a_line_without_end_the_cut_point_moves_in_big_steps_too() -> None:
    line = "".join(f"[{i}]," for i in range(3000))
    starts = {built(line[:typed] + "│")[0][:12] for typed in range(9_000, 9_400)}
    assert len(starts) <= 2


documents = st.lists(st.text("ab (){}\té😀", max_size=60), min_size=1, max_size=300).map("\n".join)
keys = st.text("abcXYZ_ .,()'\"\t=é😀", min_size=1, max_size=1)


@given(
    before=documents,
    after=documents,
    key=keys,
    budget=st.integers(60, 6_000),
)
def test_one_more_typed_character_changes_only_the_prompts_tail(
    before: str, after: str, key: str, budget: int
) -> None:
    earlier = build_prompt(Text.of(before + after), len(before), budget)
    later = build_prompt(Text.of(before + key + after), len(before) + 1, budget)
    assert later.suffix == earlier.suffix
    assert later.prompt == earlier.prompt + key


@given(before=documents, after=documents, budget=st.integers(60, 6_000))
def test_the_windows_meet_at_the_cursor(before: str, after: str, budget: int) -> None:
    windows = build_prompt(Text.of(before + after), len(before), budget)
    assert before.endswith(windows.prompt)
    assert after.startswith(windows.suffix)


@given(before=documents, after=documents, budget=st.integers(60, 6_000))
def test_all_but_the_cursors_line_keeps_to_the_budget(before: str, after: str, budget: int) -> None:
    windows = build_prompt(Text.of(before + after), len(before), budget)
    own = len(before.rsplit("\n", 1)[-1]), len(after.split("\n", 1)[0])
    assert len(windows.prompt) - own[0] + len(windows.suffix) - own[1] <= budget


def test_cut_points_move_in_big_steps() -> None:
    starts = set()
    document = lines(2000)
    for line in range(500, 600):
        before = document[: sum(len(each) + 1 for each in document.split("\n")[:line])]
        starts.add(built(before + "│" + document[len(before) :], 3_200)[0][:12])
    assert len(starts) <= 5, "a hundred lines further down, the window has moved a few times"


def test_the_suffix_stays_the_same_when_lines_are_added_above_it() -> None:
    below = lines(2000)
    suffixes = {
        built(lines(100) + "new\n" * count + "│\n" + below, 3_200)[1] for count in range(40)
    }
    assert len(suffixes) == 1
