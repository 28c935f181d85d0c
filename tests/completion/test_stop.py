"""When a stream has said enough, and what of it is one suggestion."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.kind import kind_at
from devstral_lsp.completion.request import Kind, Place
from devstral_lsp.completion.stop import WIRE_STOPS, cut_at_stop, enough, stops_for, unit

# marked place, language, what streams in, the unit
UNITS = [
    # The rest of a line ends with the line.
    ("x = foo(│, 1)", "python", "a, b\n", "a, b"),
    ("x = │", "python", "compute(1)\ny = 2\n", "compute(1)"),
    ("x = │", "python", "compute(\n    1,\n)\ny = 2\n", "compute(\n    1,\n)"),
    # A first line that opens a block turns a statement into the block.
    (
        "def f(x):\n    │",
        "python",
        "if x:\n        return 1\n    return 2\n\n\ndef g():\n",
        "if x:\n        return 1\n    return 2",
    ),
    (
        "def f(x):\n    y = 1\n    │",
        "python",
        "if x:\n        y = 2\n    return y\n",
        "if x:\n        y = 2",
    ),
    ("def f(x│", "python", "):\n    return x\n\n\ndef g():\n", "):\n    return x"),
    # A block ends where its scope ends.
    ("def f(x):│", "python", "\n    y = x\n    return y\n\n\nf(1)\n", "\n    y = x\n    return y"),
    ("def f(x):\n    │", "python", "y = x\n    return y\nf(1)\n", "y = x\n    return y"),
    (
        "function f(x) {\n  │",
        "javascript",
        "if (x) {\n    return 1;\n  }\n  return 2;\n}\n",
        "if (x) {\n    return 1;\n  }\n  return 2;\n}",
    ),
    ("function f() {│", "javascript", "\n  return 1;\n}\n\nf();\n", "\n  return 1;\n}"),
    ("def f\n  │", "ruby", "if x\n    y\n  end\nend\n", "if x\n    y\n  end\nend"),
    # After a finished line the next statement is meant.
    ("x = 1│", "python", "\ny = 2\nz = 3\n", "\ny = 2"),
]


@pytest.mark.parametrize(("marked", "language", "text", "expected"), UNITS)
def test_unit(marked: str, language: str, text: str, expected: str) -> None:
    place = Place.at(marked, language)
    assert unit(text, place, kind_at(place), ended=True) == expected


@pytest.mark.parametrize(("marked", "language", "text", "expected"), UNITS)
def test_unit_is_the_same_however_it_streams_in(
    marked: str, language: str, text: str, expected: str
) -> None:
    place = Place.at(marked, language)
    kind = kind_at(place)
    for end in range(len(text) + 1):
        early = unit(text[:end], place, kind, ended=False)
        assert early in (None, expected)
    assert unit(text, place, kind, ended=False) in (None, expected)


def test_nothing_is_shown_before_its_line_is_complete() -> None:
    place = Place.at("x = │", "python")
    assert unit("compute(1)", place, Kind.STATEMENT, ended=False) is None
    assert unit("compute(1)", place, Kind.STATEMENT, ended=True) == "compute(1)"


def test_blank_text_has_no_unit() -> None:
    place = Place.at("x = │", "python")
    assert unit("\n\n", place, Kind.STATEMENT, ended=False) is None


@pytest.mark.parametrize(
    ("marked", "language", "text", "done"),
    [
        ("foo(│)", "python", "a", False),
        ("foo(│)", "python", "a\n", True),
        # Lines beyond the unit are worth hearing, but not many.
        ("x = │", "python", "1\ny = 2\n", False),
        ("x = │", "python", "1\n" + "".join(f"y{i} = 2\n" for i in range(4)), True),
        # Out of the scope there is nothing to wait for.
        ("def f():\n    a = 1\n    │", "python", "x = 1\n    return x\n\n\ndef g", True),
        ("def f() {\n    │", "javascript", "x = 1;\n    }\n", False),
        # A model that loops is not listened to.
        ("x = │", "python", "a\n" + "a\n" * 3, True),
    ],
)
def test_enough(marked: str, language: str, text: str, done: bool) -> None:
    place = Place.at(marked, language)
    assert enough(text, place, kind_at(place)) is done


def test_stops_of_a_line_begin_with_the_users_own() -> None:
    place = Place.at("foo(│)", "python")
    assert stops_for(place, Kind.REST_OF_LINE, ["//"]) == ("//", "\n")


def test_inside_a_block_a_declaration_at_the_left_edge_stops() -> None:
    place = Place.at("def f():\n    │", "python")
    stops = stops_for(place, Kind.STATEMENT, [])
    assert "\ndef " in stops[:WIRE_STOPS]
    assert "\nclass " in stops[:WIRE_STOPS]
    assert "\ndef " not in stops_for(Place.at("│", "python"), Kind.STATEMENT, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ("abc", False)),
        ("ab\n\n\nc", ("ab", True)),
        ("a;b\n\n\n", ("a", True)),
        ("", ("", False)),
    ],
)
def test_cut_at_stop(text: str, expected: tuple[str, bool]) -> None:
    assert cut_at_stop(text, ("\n\n\n", ";", "")) == expected
