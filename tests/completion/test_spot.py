"""What syntax says of a cursor, also where the code is half-written."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.request import Kind, Place
from devstral_lsp.completion.spot import Spot, inside, spot_at, wanted_at
from devstral_lsp.context.syntax import Inside

LINE, STATEMENT, BLOCK = Kind.REST_OF_LINE, Kind.STATEMENT, Kind.BLOCK


@pytest.mark.parametrize(
    ("marked", "language", "spot"),
    [
        ("│", "python", Spot.LINE_START),
        ("def f():\n    │\n", "python", Spot.LINE_START),
        ("foo(│)", "python", Spot.OPENED),
        ("foo.│", "python", Spot.OPENED),
        ("x =│", "go", Spot.OPENED),
        ("return │", "python", Spot.BETWEEN),
        ("foo()│", "python", Spot.BETWEEN),
        ("retu│", "python", Spot.WORD_END),
        ("retu│(x)", "python", Spot.WORD_END),
        ("re│turn", "python", Spot.INSIDE_WORD),
        ("x = 1  # a│", "python", Spot.COMMENT),
        ("/* a│", "c", Spot.COMMENT),
        ('f("a│', "javascript", Spot.STRING),
        ('f("a│")\n', "go", Spot.STRING),
        ("some words│", "plaintext", Spot.WORD_END),
    ],
)
def test_spot(marked: str, language: str, spot: Spot) -> None:
    assert spot_at(Place.at(marked, language)) is spot


@pytest.mark.parametrize(
    ("marked", "language", "expected"),
    [
        ('def f():\n    """Doc\n    a│\n    """\n    return 1\n', "python", Inside.STRING),
        ('def f():\n    """Doc\n    a│', "python", Inside.STRING),
        ('x = f"a{b│}"\n', "python", Inside.CODE),
        ("x = `a${b│}`;\n", "javascript", Inside.CODE),
        ("# it's\nx│\n", "python", Inside.CODE),
        ("-- it's\nlocal x│\n", "haskell", Inside.CODE),
        ("x = '│", "haskell", Inside.STRING),
    ],
)
def test_inside(marked: str, language: str, expected: Inside) -> None:
    assert inside(Place.at(marked, language)) is expected


@pytest.mark.parametrize(
    ("marked", "language", "kind"),
    [
        ("def f():│", "python", BLOCK),
        ("x = {│", "javascript", BLOCK),
        ('x = {"a":│', "python", STATEMENT),
        ("def f(x:│", "python", STATEMENT),
        ("x[1:│", "python", STATEMENT),
        ("f(\n    lambda:\n    │\n)\n", "python", STATEMENT),
        ('x = "a:│', "python", LINE),
        ('def f():\n    """Doc.\n\n    Args:\n        │', "python", STATEMENT),
        ('x = "a"│', "python", STATEMENT),
        ('if x == "a":│', "python", BLOCK),
        ("x = '│'", "python", LINE),
    ],
)
def test_what_is_wanted(marked: str, language: str, kind: Kind) -> None:
    assert wanted_at(Place.at(marked, language)) is kind
