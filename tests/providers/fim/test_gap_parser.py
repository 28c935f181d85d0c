"""The gap's text in a chat model's answer, however the answer is cut into pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.providers.fim.via_chat import GapParser


def read(lead: str, *pieces: str) -> str:
    reader = GapParser(lead)
    return "".join(reader.feed(piece) for piece in pieces) + reader.finish()


CASES = [
    # the expected form, with and without what a stop string leaves out
    ("    ", "<gap>    return a</gap>", "return a"),
    ("    ", "<gap>    return a", "return a"),
    ("    re", "<gap>    return a", "turn a"),
    ("", "<gap>a\n  b\n</gap>", "a\n  b\n"),
    ("", "<gap></gap>", ""),
    ("x = ", "<gap>x = </gap>", ""),
    ("x = ", "<gap>x = 1</gap> That is all.", "1"),
    ("", "<gap>if a < b and b </ga", "if a < b and b </ga"),
    # cut before the answer had begun
    ("x = ", "", ""),
    ("x = ", "<gap>x", ""),
    # a server that goes on without repeating
    ("    ", "return a", "return a"),
    ("    ", "return a</gap>", "return a"),
    # tags, but the line rewritten
    ("x =  ", "<gap>x = 1</gap>", "x = 1"),
    ("    ", "Sure!\n<gap>    return a</gap>\nDone.", "return a"),
    # a message that was to be continued, and was begun anew
    ("    ", "<gap>    <gap>    return a</gap>", "return a"),
    ("    ", "<gap>    <gap>return a</gap>", "return a"),
    ("", "<gap>\n<gap>a</gap>", "a"),
    ("", "<gap><gap", "<gap"),
    # fences and prose
    ("", "<gap>```python\nreturn a\n```</gap>", "return a"),
    ("    ", "<gap>    ```python\n    return a\n```\n</gap>", "return a"),
    ("", "```python\nreturn a\n```", "return a"),
    ("", "Here it is:\n\n```\na\nb\n```\nIt adds.", "a\nb"),
    ("", "```python\nreturn a", "return a"),
    # a fence in the middle, or after code, is the user's own
    ("", "<gap>text\n```\ncode\n```\n</gap>", "text\n```\ncode\n```\n"),
    ("/// ", "<gap>/// ```\n/// let x;\n/// ```</gap>", "```\n/// let x;\n/// ```"),
]


@pytest.mark.parametrize(("lead", "answer", "text"), CASES)
def test_the_gap_is_found(lead: str, answer: str, text: str) -> None:
    assert read(lead, answer) == text


@given(st.sampled_from(CASES), st.data())
def test_the_pieces_do_not_matter(case: tuple[str, str, str], data: st.DataObject) -> None:
    lead, answer, text = case
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    bounds = pairwise([0, *cuts, len(answer)])
    assert read(lead, *(answer[a:b] for a, b in bounds)) == text


def test_text_flows_as_soon_as_it_is_certain() -> None:
    reader = GapParser("x = ")
    pieces = [reader.feed(piece) for piece in ("<g", "ap>x", " = ", "1 <", "2", "</g", "ap>")]
    assert pieces == ["", "", "", "1 ", "<2", "", ""]
    assert reader.closed


def test_nothing_is_read_after_the_closing_tag() -> None:
    reader = GapParser("")
    assert reader.feed("<gap>a</gap>b") == "a"
    assert reader.feed("c") + reader.finish() == ""


def test_words_before_a_second_tag_are_the_models_own() -> None:
    assert read("    ", "<gap>    hm <gap>    x</gap>") == "x"
    assert read("", "<gap>", "hm ", "<gap>", "x</gap>") == "hm ", (
        "what follows is not shown as well"
    )
