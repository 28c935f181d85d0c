"""A text that ends at the first of some strings, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.providers.stop_sequences import StopSequenceCutter

ENDS = ("<|end|>", "<x>", "")


def until(*pieces: str) -> tuple[str, bool]:
    reader = StopSequenceCutter(ENDS)
    text = "".join(reader.feed(piece) for piece in pieces)
    return text + reader.finish(), reader.ended


@pytest.mark.parametrize(
    ("pieces", "text", "ended"),
    [
        (("ab", "c"), "abc", False),
        (("ab<|e", "nd|>c", "d"), "ab", True),
        (("a<x>b<|end|>",), "a", True),
        (("a<|en",), "a<|en", False),
        (("a<", "b"), "a<b", False),
        (("<x>",), "", True),
        ((), "", False),
    ],
)
def test_the_first_end_ends(pieces: tuple[str, ...], text: str, ended: bool) -> None:
    assert until(*pieces) == (text, ended)


def test_what_cannot_be_an_end_is_given_at_once() -> None:
    reader = StopSequenceCutter(ENDS)
    assert reader.feed("ab <|") == "ab "
    assert reader.feed("e") == ""
    assert reader.feed("!") == "<|e!"


@given(st.lists(st.sampled_from(["<", "|", "end", "|>", "x", ">", "a"])))
def test_a_cut_changes_nothing(pieces: list[str]) -> None:
    assert until(*pieces) == until("".join(pieces))
