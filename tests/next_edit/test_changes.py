"""What counts as one change, and what of it is remembered."""

from __future__ import annotations

from devstral_lsp.next_edit.changes import MAX_LINES_AT_ONCE, ChangeHistory, DocumentEdit
from devstral_lsp.text import Edit, Snapshot, Span, Text

URI, OTHER = "file:///a.py", "file:///b.py"


class Documents:
    """Documents whose edits a history follows."""

    def __init__(self, **texts: str) -> None:
        self.history = ChangeHistory()
        self.texts = {name: Text.of(text) for name, text in texts.items()}

    def replace(self, old: str, new: str, name: str = "a") -> None:
        string = str(self.texts[name])
        start = string.index(old)
        self.edit(start, start + len(old), new, name)

    def type(self, after: str, typed: str, name: str = "a") -> None:
        """Type letter by letter."""
        at = str(self.texts[name]).index(after) + len(after)
        for number, letter in enumerate(typed):
            self.edit(at + number, at + number, letter, name)

    def edit(self, start: int, end: int, new: str, name: str = "a") -> None:
        before = self.texts[name]
        after = before.replace(start, end, new)
        self.texts[name] = after
        edit = Edit(Span(start, end), new)
        self.history.follow(DocumentEdit(f"file:///{name}.py", "python", before, edit, after))

    @property
    def made(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        return [(each.old, each.new) for each in self.history.changes()]


LINES = "".join(f"line {number}\n" for number in range(40))


def test_letters_typed_one_by_one_are_one_change() -> None:
    documents = Documents(a=LINES)
    documents.type("line 3", " more")
    assert documents.made == [(("line 3",), ("line 3 more",))]


def test_an_edit_elsewhere_begins_another_change() -> None:
    documents = Documents(a=LINES, b=LINES)
    documents.replace("line 10\n", "first\n")
    documents.replace("line 20\n", "second\n")
    documents.replace("line 5\n", "third\n", "b")
    assert documents.made == [
        (("line 10",), ("first",)),
        (("line 20",), ("second",)),
        (("line 5",), ("third",)),
    ]


def test_a_slip_that_is_corrected_leaves_nothing() -> None:
    documents = Documents(a=LINES)
    documents.replace("line 10\n", "lime 10\n")
    documents.replace("lime 10\n", "line 10\n")
    assert documents.made == []


def test_a_change_that_is_taken_back_later_is_forgotten() -> None:
    documents = Documents(a=LINES)
    documents.replace("line 10\n", "other\n")
    documents.replace("line 20\n", "second\n")
    documents.replace("other\n", "line 10\n")
    assert documents.made == [(("line 20",), ("second",))]


def test_similar_lines_are_changes_of_their_own() -> None:
    documents = Documents(a="a = get(x)\nb = get(y)\n")
    documents.replace("a = get(x)\nb = get(y)", "a = fetch(x)\nb = fetch(y)")
    assert documents.made == [
        (("a = get(x)",), ("a = fetch(x)",)),
        (("b = get(y)",), ("b = fetch(y)",)),
    ]


def test_a_formatter_is_no_user() -> None:
    documents = Documents(a=LINES * 4)
    documents.edit(0, len(LINES) * 4, "x\n" * (MAX_LINES_AT_ONCE + 20))
    assert documents.made == []


def test_changes_move_along_with_later_edits() -> None:
    documents = Documents(a=LINES)
    documents.replace("line 20\n", "changed\n")
    documents.edit(0, 0, "new\nnew\n")
    documents.replace("line 30\n", "more\n")
    (first, *_), text = documents.history.changes(), documents.texts["a"]
    assert text.slice(first.span.start, first.span.end) == "changed"


def test_lines_have_no_line_ends() -> None:
    documents = Documents(a="one\r\ntwo\r\nthree\r\n")
    documents.replace("two", "2")
    assert documents.made == [(("two",), ("2",))]
    assert isinstance(documents.history.changes()[0].uri, str)
    (change,) = documents.history.changes()
    assert (change.above, change.below) == ("one", "three")


def test_the_difference_of_two_snapshots_is_the_edit() -> None:
    old = Snapshot(URI, 1, "python", Text.of("a\nb\nc\n"))
    new = Snapshot(URI, 2, "python", Text.of("a\nB\nc\n"))
    assert DocumentEdit.between(old, new).edit == Edit(Span(2, 3), "B")
