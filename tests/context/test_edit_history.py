"""Where the user has been editing."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.context.edit_history import (
    MAX_CHANGE_LINES,
    MAX_HUNK_LINES,
    MAX_PENDING,
    EditHistory,
)
from devstral_lsp.text import Snapshot
from tests.context.asking import snapshot_of

LINES = "".join(f"line {number}\n" for number in range(200))


class Editor:
    """Types into documents and tells the trail."""

    def __init__(self, *, most: int = 32) -> None:
        self.trail = EditHistory(most=most)
        self.documents: dict[str, Snapshot] = {}

    def open(self, name: str, text: str = LINES) -> None:
        new = snapshot_of(f"/w/{name}", text)
        self.trail.changed(None, new)
        self.documents[name] = new

    def change(self, name: str, line: int, old: str, new: str) -> None:
        before = self.documents[name]
        at = str(before.text).index(old, before.text.line_start(line))
        after = replace(before, text=before.text.replace(at, at + len(old), new))
        self.trail.changed(before, after)
        self.documents[name] = after

    def shown(self) -> list[tuple[str, int, str]]:
        hunks = self.trail.hunks()
        return [(hunk.uri.rsplit("/", 1)[-1], hunk.line, hunk.text) for hunk in hunks]


def test_opening_is_no_edit() -> None:
    editor = Editor()
    editor.open("a.py")
    assert editor.shown() == []


def test_an_edit_is_shown_as_it_reads_now_with_lines_around() -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50", "changed")
    assert editor.shown() == [("a.py", 48, "line 48\nline 49\nchanged\nline 51\nline 52")]


def test_each_change_is_followed_once() -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50", "changed")
    editor.change("a.py", 0, "line 0", "line 0\n" * 30)
    first = editor.shown()
    assert first[0] == ("a.py", 78, "line 48\nline 49\nchanged\nline 51\nline 52")
    assert editor.shown() == first


def test_few_texts_are_kept_of_what_nobody_asks_about() -> None:
    editor = Editor()
    editor.open("a.py")
    for number in range(MAX_PENDING * 4 - 1):
        editor.change("a.py", number, f"line {number}\n", "changed\n")
    kept = [each for each in gc.get_objects() if isinstance(each, Snapshot)]
    assert sum(each.uri.endswith("/w/a.py") for each in kept) <= MAX_PENDING
    assert editor.shown()[0][2].startswith("changed\nchanged")


def test_neighbouring_edits_grow_together() -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50", "one")
    editor.change("a.py", 100, "line 100", "far")
    editor.change("a.py", 53, "line 53", "two")
    assert [line for _, line, _ in editor.shown()] == [98, 48]
    assert editor.shown()[-1][2] == "line 48\nline 49\none\nline 51\nline 52\ntwo\nline 54\nline 55"


def test_places_move_with_what_is_typed_above() -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50", "changed")
    editor.change("a.py", 10, "line 10", "\n".join(["new"] * 13))
    moved, new = editor.shown()
    assert moved == ("a.py", 60, "line 48\nline 49\nchanged\nline 51\nline 52")
    assert new[1] == 8


def test_a_place_that_is_deleted_is_gone() -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50\n", "changed\n")
    editor.change("a.py", 48, "line 48\nline 49\nchanged\nline 51\n", "")
    assert [text for _, _, text in editor.shown()] == [
        "line 46\nline 47\nline 52\nline 53\nline 54"
    ]


def test_several_documents_the_newest_last_and_the_oldest_forgotten() -> None:
    editor = Editor(most=2)
    for name in ("a.py", "b.py", "c.py"):
        editor.open(name)
        editor.change(name, 50, "line 50", "changed")
    assert [name for name, _, _ in editor.shown()] == ["b.py", "c.py"]


def test_a_formatter_is_no_user() -> None:
    editor = Editor()
    editor.open("a.py")
    new = "".join(f"other {number}\n" for number in range(MAX_CHANGE_LINES + 50))
    editor.change("a.py", 0, LINES[: LINES.index("line 190")], new)
    assert editor.shown() == []


def test_a_long_place_is_cut() -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50", "\n".join(["new"] * 60))
    assert editor.shown()[0][2].count("\n") == MAX_HUNK_LINES - 1


@pytest.mark.parametrize(("text", "kept"), [("same", True), ("other", False)])
def test_a_place_outlives_its_document_if_that_comes_back_unchanged(text: str, kept: bool) -> None:
    editor = Editor()
    editor.open("a.py")
    editor.change("a.py", 50, "line 50", "changed")
    reopened = str(editor.documents["a.py"].text) if text == "same" else "all new\n"
    editor.open("a.py", reopened)
    assert bool(editor.shown()) is kept


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 20), st.sampled_from(["", "x", "a\nb\n"])),
        max_size=12,
    )
)
def test_places_always_lie_in_their_text(edits: list[tuple[int, int, str]]) -> None:
    trail = EditHistory()
    old = snapshot_of("/w/a.py", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n")
    trail.changed(None, old)
    for start, length, text in edits:
        new = replace(old, text=old.text.replace(start, start + length, text))
        trail.changed(old, new)
        old = new
        for hunk in trail.hunks():
            lines = str(old.text).split("\n")
            assert hunk.text == "\n".join(lines[hunk.line : hunk.line + hunk.text.count("\n") + 1])
