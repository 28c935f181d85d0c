"""What is left of an answer after typing, deleting, accepting, and the editor's own helpfulness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.completion.typed_through import (
    RequestAnchor,
    could_lead_to,
    is_typed_beyond,
    remaining_text,
)
from devstral_lsp.completion.types import CursorContext

HEAD = "import os\n\n\ndef total(items):\n    "
TAIL = "\n\n\nprint(total([]))\n"


def place(marked: str) -> CursorContext:
    return CursorContext.from_marked(HEAD + marked + TAIL, "python")


ANSWER = "return sum(item.price for item in items)"

CASES = [
    ("│", ANSWER),
    ("return│", " sum(item.price for item in items)"),
    ("return sum(item│", ".price for item in items)"),
    ("return sum(item.price for item in items)│", ""),
    ("return max│", None),
    ("Return│", None),
    # Brackets that the editor closed stand after the cursor; the answer still has its own.
    ("return sum(│)", "item.price for item in items)"),
    ("return sum(│]", None),
    # The user typed over the bracket that the editor had closed.
    ("return sum(item.price for item in items)│", ""),
    # Blanks are no automatic indentation within a line.
    ("return sum(item.price  │", None),
]


@pytest.mark.parametrize(("marked", "rest"), CASES)
def test_follows_what_was_typed(marked: str, rest: str | None) -> None:
    assert remaining_text(ANSWER, RequestAnchor.of(place("│")), place(marked)) == rest


def test_an_answer_may_have_led_no_further_than_it_reaches() -> None:
    anchor = RequestAnchor.of(place("│"))
    assert could_lead_to(anchor, place(f"{ANSWER}│"), len(ANSWER))
    assert not could_lead_to(anchor, place(f"{ANSWER}\n    {ANSWER}│"), len(ANSWER))
    assert not could_lead_to(anchor, CursorContext.from_marked("import os\n│"), len(ANSWER))


@given(
    st.text("a\n ", max_size=300), st.text("a\n ", max_size=40), st.integers(0), st.integers(0, 16)
)
def test_where_something_is_left_an_answer_may_have_led(
    before: str, answer: str, typed: int, blanks: int
) -> None:
    """Auto-indentation included, which may go further than the answer."""
    anchor = RequestAnchor(before, "")
    so_far = answer[: typed % (len(answer) + 1)]
    here = CursorContext(before=before + so_far + " " * blanks, after="")
    if remaining_text(answer, anchor, here) is not None:
        assert could_lead_to(anchor, here, len(answer))


def test_indentation_by_the_editor_may_go_far_beyond_a_short_answer() -> None:
    anchor = RequestAnchor.of(place("│"))
    assert remaining_text("a:\nb", anchor, place("a:\n" + " " * 12 + "│")) == "b"


def test_backspace_over_typed_text_brings_the_answer_back() -> None:
    anchor = RequestAnchor.of(place("re│"))
    assert remaining_text("turn total", anchor, place("return│")) == " total"
    assert remaining_text("turn total", anchor, place("retu│")) == "rn total"
    assert remaining_text("turn total", anchor, place("r│")) is None


CALL = "run({\n        'a': [0],\n    })"


@pytest.mark.parametrize(
    ("marked", "rest"),
    [
        ("run({│})", "\n        'a': [0],\n    })"),
        ("run({\n        'a': [│]})", "0],\n    })"),
        # The line end was typed between the brackets: what closes has a line of its own.
        ("run({\n        │\n    })", "'a': [0],\n    })"),
        ("run({\n        'a│\n    })", "': [0],\n    })"),
        ("run({\n        'a': [0],\n    │\n    })", "})"),
        # Here the brackets are not what the line end opened up, nor opened by the answer.
        ("run({│\n    })", None),
        ("run({\n        │\n    ])", None),
        ("run({\n        │\n    })\n    x", None),
    ],
)
def test_follows_brackets_that_the_editor_closed(marked: str, rest: str | None) -> None:
    assert remaining_text(CALL, RequestAnchor.of(place("│")), place(marked)) == rest


NESTED = "run({\n        'a': [\n            0,\n        ],\n    })"
ELEMENT = "<ul>\n        <li>{name}</li>\n    </ul>"


@pytest.mark.parametrize(
    ("answer", "marked", "rest"),
    [
        (NESTED, "run({\n        'a': [│]\n    })", "\n            0,\n        ],\n    })"),
        (
            NESTED,
            "run({\n        'a': [\n            │\n        ]\n    })",
            "0,\n        ],\n    })",
        ),
        (NESTED, "run({\n        'a': [\n            │\n        )\n    })", None),
        (ELEMENT, "<ul>│</ul>", "\n        <li>{name}</li>\n    </ul>"),
        (ELEMENT, "<ul>\n        │\n    </ul>", "<li>{name}</li>\n    </ul>"),
        (ELEMENT, "<ul>\n        <li>{│}</li>\n    </ul>", "name}</li>\n    </ul>"),
        (ELEMENT, "<ul>│</ol>", None),
    ],
)
def test_follows_what_the_editor_closed_within_what_it_closed(
    answer: str, marked: str, rest: str | None
) -> None:
    assert remaining_text(answer, RequestAnchor.of(place("│")), place(marked)) == rest


def test_follows_a_line_end_between_brackets_that_were_closed_before() -> None:
    anchor = RequestAnchor.of(place("run({│})"))
    typed = place("run({\n        │\n    })")
    assert remaining_text("\n        'a': [0],\n    })", anchor, typed) == "'a': [0],\n    })"


BLOCK = "for item in items:\n        total += item\n    return total"


@pytest.mark.parametrize(
    ("marked", "rest"),
    [
        ("for item in items:\n│", "        total += item\n    return total"),
        ("for item in items:\n    │", "    total += item\n    return total"),
        ("for item in items:\n        │", "total += item\n    return total"),
        # Tabs are not the answer's own blanks.
        ("for item in items:\n\t│", None),
        # The editor indents deeper than the answer goes on, until its user outdents.
        ("for item in items:\n        total += item\n        │", None),
        ("for item in items:\n        total += item\n    │", "return total"),
    ],
)
def test_follows_automatic_indentation(marked: str, rest: str | None) -> None:
    assert remaining_text(BLOCK, RequestAnchor.of(place("│")), place(marked)) == rest


def test_an_edit_elsewhere_is_another_place() -> None:
    anchor = RequestAnchor.of(place("│"))
    changed = CursorContext.from_marked(HEAD + "│" + TAIL.replace("print", "show"), "python")
    assert remaining_text(ANSWER, anchor, changed) is None
    above = CursorContext.from_marked(HEAD.replace("items", "things") + "│" + TAIL, "python")
    assert remaining_text(ANSWER, anchor, above) is None


def test_a_line_added_at_the_documents_start_makes_another_place() -> None:
    anchor = RequestAnchor.of(CursorContext.from_marked("x = │"))
    assert remaining_text("y", anchor, CursorContext.from_marked("z = 1\nx = │")) is None


def test_far_above_the_window_anything_may_change() -> None:
    far = "# far above\n" * 500
    anchor = RequestAnchor.of(CursorContext.from_marked(far + "x = │"))
    assert (
        remaining_text("y", anchor, CursorContext.from_marked("import os\n" + far + "x = │")) == "y"
    )


def test_the_same_line_further_down_is_another_place() -> None:
    marked = "x = 1\n    x = 1\n    │"
    assert remaining_text("y = 2", RequestAnchor.of(place("x = 1\n    │")), place(marked)) is None


@given(
    before=st.text(max_size=60),
    answer=st.text(min_size=1, max_size=60),
    after=st.text(max_size=40),
    data=st.data(),
)
def test_any_length_of_typing_through_is_followed(
    before: str, answer: str, after: str, data: st.DataObject
) -> None:
    typed = data.draw(st.integers(0, len(answer)))
    anchor = RequestAnchor.of(CursorContext(before=before, after=after))
    rest = remaining_text(
        answer, anchor, CursorContext(before=before + answer[:typed], after=after)
    )
    # Several readings are possible where the text repeats; each is a true rest of the answer.
    assert rest is not None
    assert answer.endswith(rest)
    assert (before + answer[:typed]).endswith(answer[: len(answer) - len(rest)])


@pytest.mark.parametrize(
    ("text", "marked", "ahead"),
    [
        ("", "│", True),
        ("", "ret│", True),
        ("re", "retu│", True),
        ("ra", "retu│", False),
        ("", "return 1\n    x│", False),
        ("", f"return {'x' * 80}│", False),
    ],
)
def test_a_stream_may_be_behind_the_user(text: str, marked: str, ahead: bool) -> None:
    assert is_typed_beyond(text, RequestAnchor.of(place("│")), place(marked)) is ahead
