"""What the replay's editor shows of an item, and what applying it gives."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.replay.document import (
    Ghost,
    Take,
    erased,
    first_line,
    ghost_of,
    offset_of,
    position_of,
    right_part,
    typed_along,
)


def item(new: str, start: int, end: int, line: int = 0) -> dict[str, Any]:
    span = {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }
    return {"insertText": new, "range": span}


@pytest.mark.parametrize(
    ("text", "offset", "line", "character"),
    [
        ("abc", 2, 0, 2),
        ("a\nbc", 3, 1, 1),
        ("a\r\nbc", 4, 1, 1),
        ("a\rbc", 2, 1, 0),
        ("😀x", 1, 0, 2),
        ("é\n😀x", 4, 1, 3),
        ("a\fb\u2028c", 4, 0, 4),
    ],
)
def test_positions_count_utf16_units_and_only_lsp_line_ends(
    text: str, offset: int, line: int, character: int
) -> None:
    position = {"line": line, "character": character}
    assert position_of(text, offset) == position
    assert offset_of(text, position) == offset


def test_a_position_past_the_end_is_the_end() -> None:
    assert offset_of("ab\ncd", {"line": 0, "character": 9}) == 2
    assert offset_of("ab\ncd", {"line": 7, "character": 0}) == 5


@pytest.mark.parametrize(
    ("given", "text", "cursor", "shown"),
    [
        (item("rest", 4, 4), "foo ", 4, Ghost("rest")),
        (item("foo rest", 0, 4), "foo ", 4, Ghost("rest")),
        (item("f(x, y)", 0, 3), "f()", 2, Ghost("x, y", covers=1, keeps=")")),
        (item("f(x) + g(y", 0, 3), "f()", 2, Ghost("x) + g(y", covers=1)),
        (item("Foo rest", 0, 4), "foo ", 4, None),
        (item("f(x", 0, 3), "f()", 2, None),
        (item("foo", 0, 3), "foo", 3, None),
        (item("bar", 0, 1), "foo", 3, None),
        (item("😀x", 0, 2), "😀", 1, Ghost("x")),
        ({"insertText": "foo_bar()"}, "a foo_", 6, Ghost("bar()")),
        ({"insertText": {"kind": "snippet", "value": "ab"}}, "", 0, Ghost("ab")),
    ],
)
def test_what_is_shown_of_an_item(
    given: dict[str, Any], text: str, cursor: int, shown: Ghost | None
) -> None:
    assert ghost_of(given, text, cursor) == shown


def test_a_range_over_two_lines_is_not_shown() -> None:
    given = {
        "insertText": "a\nb",
        "range": {
            "start": {"line": 0, "character": 0},
            "end": {"line": 1, "character": 0},
        },
    }
    assert ghost_of(given, "a\nb", 1) is None


def test_a_ghost_shrinks_under_agreeing_keys_and_grows_under_backspace() -> None:
    ghost = Ghost("abc", covers=1, keeps=")")
    shorter = typed_along(ghost, "ab")
    assert shorter == Ghost("c", covers=1, keeps=")")
    assert erased(shorter, "b") == Ghost("bc", covers=1, keeps=")")


@pytest.mark.parametrize("key", ["x", "abc", "abcd"])
def test_a_ghost_goes_when_a_key_disagrees_or_uses_it_up(key: str) -> None:
    assert typed_along(Ghost("abc"), key) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a"), ("\n    a\nb", "\n    a"), ("a", "a"), ("\n\n", "\n\n"), ("a\r\nb", "a")],
)
def test_the_first_line_is_the_first_that_is_not_blank(text: str, line: str) -> None:
    assert first_line(text) == line


@pytest.mark.parametrize(
    ("ghost", "take"),
    [
        (Ghost("x = 1"), Take("x = 1", whole=True)),
        (Ghost("x = 1\ny = 2"), Take("x = 1\ny = 2", whole=True)),
        (Ghost("x = 1\nz"), Take("x = 1", whole=False)),
        (Ghost("x = 1\n"), Take("x = 1\n", whole=True)),
        (Ghost("x = 2"), None),
        (Ghost("x = 2\ny"), None),
        (Ghost("x = 1", covers=1, keeps=")"), Take("x = 1", whole=True)),
        (Ghost("x = 1", covers=1), None),
    ],
)
def test_what_is_right_of_a_ghost(ghost: Ghost, take: Take | None) -> None:
    assert right_part(ghost, "x = 1\ny = 2\n") == take
