"""The cells of notebooks: their order through any change, and which a request may see."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from devstral_lsp.server.session import Notebooks, Session

BOOK = "file:///work/n.ipynb"
MARKUP, CODE = types.NotebookCellKind.Markup, types.NotebookCellKind.Code


def cells(names: str) -> list[types.NotebookCell]:
    """One cell per letter; those in capitals are prose."""
    return [types.NotebookCell(MARKUP if name.isupper() else CODE, name) for name in names]


def opened(names: str) -> Notebooks:
    notebooks = Notebooks()
    notebooks.open(BOOK, cells(names))
    return notebooks


def code(notebooks: Notebooks) -> str:
    """The code cells in order, as seen from a cell that is put before them."""
    assert notebooks.splice(BOOK, 0, 0, cells("-"))
    below = "".join(notebooks.code_around("-")[1])
    assert notebooks.splice(BOOK, 0, 1, [])
    return below


@pytest.mark.parametrize(
    ("start", "delete_count", "new", "expected"),
    [
        (0, 0, "xy", "xyabc"),
        (1, 0, "x", "axbc"),
        (3, 0, "x", "abcx"),
        (0, 1, "", "bc"),
        (2, 1, "", "ab"),
        (0, 3, "", ""),
        (1, 1, "xyz", "axyzc"),
        (0, 3, "c", "c"),
        (1, 2, "cb", "acb"),
        (3, 0, "", "abc"),
    ],
)
def test_splices(start: int, delete_count: int, new: str, expected: str) -> None:
    notebooks = opened("abc")
    assert notebooks.splice(BOOK, start, delete_count, cells(new))
    assert code(notebooks) == expected


@pytest.mark.parametrize(
    ("start", "delete_count"),
    [(4, 0), (3, 1), (0, 4), (2, 2), (2**31 - 1, 0), (0, 2**31 - 1), (-1, 1), (1, -1)],
)
def test_splices_out_of_range_are_told_and_change_nothing(start: int, delete_count: int) -> None:
    notebooks = opened("abc")
    assert not notebooks.splice(BOOK, start, delete_count, cells("x"))
    assert code(notebooks) == "abc"


def test_notebooks_that_are_not_open_are_told() -> None:
    notebooks = Notebooks()
    assert not notebooks.splice(BOOK, 0, 0, cells("x"))
    assert not notebooks.update(BOOK, cells("x"))
    assert notebooks.close(BOOK) is None
    assert notebooks.code_around("x") == ((), ())


@pytest.mark.parametrize(
    ("cell", "above", "below"),
    [("a", "", "bd"), ("b", "a", "d"), ("C", "ab", "d"), ("d", "ab", ""), ("x", "", "")],
)
def test_code_around_every_cell_the_last_included(cell: str, above: str, below: str) -> None:
    around = opened("abCd").code_around(cell)
    assert tuple("".join(each) for each in around) == (above, below)


def test_cells_change_their_kind() -> None:
    notebooks = opened("abc")
    changed = [types.NotebookCell(MARKUP, "b"), types.NotebookCell(CODE, "c")]
    assert notebooks.update(BOOK, changed)
    assert code(notebooks) == "ac"
    assert not notebooks.update(BOOK, [types.NotebookCell(CODE, "b"), *cells("x")])
    assert code(notebooks) == "abc"


def test_a_cell_that_is_there_twice_is_not_around_itself() -> None:
    assert opened("aba").code_around("a") == ((), ("b",))


def test_opening_twice_takes_the_second_and_closing_gives_the_cells() -> None:
    notebooks = opened("abc")
    notebooks.open(BOOK, cells("xY"))
    assert notebooks.close(BOOK) == ("x", "Y")
    assert notebooks.close(BOOK) is None


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6), st.text("abCD", max_size=4))))
def test_splices_are_those_of_a_list(changes: Sequence[tuple[int, int, str]]) -> None:
    notebooks, plain = opened("ab"), list("ab")
    for start, delete_count, new in changes:
        fits = start + delete_count <= len(plain)
        assert notebooks.splice(BOOK, start, delete_count, cells(new)) is fits
        if fits:
            plain[start : start + delete_count] = new
    assert notebooks.close(BOOK) == tuple(plain)


def test_a_view_holds_the_cells_of_its_moment() -> None:
    session = Session()
    for name in "abc":
        session.open(name, "python", 1, f"{name} = 1")
    session.notebooks.open(BOOK, cells("abcd"))
    view = session.view("b")
    session.change("a", 2, [types.TextDocumentContentChangeWholeDocument("later")])
    session.close("c")
    assert view is not None
    assert [str(each.text) for each in view.above] == ["a = 1"]
    assert [str(each.text) for each in view.below] == ["c = 1"]
    again = session.view("b")
    assert again is not None
    assert ([str(each.text) for each in again.above], again.below) == (["later"], ())


def test_what_is_not_open_has_no_view_and_a_plain_document_no_cells() -> None:
    session = Session()
    session.open("plain", "python", 1, "")
    session.notebooks.open(BOOK, cells("ab"))
    view = session.view("plain")
    assert view is not None
    assert (view.above, view.below) == ((), ())
    assert session.view("a") is None
