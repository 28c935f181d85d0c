from __future__ import annotations

import pytest

from devstral_lsp.refactor.hidden_characters import adds_hidden

HIDDEN = ["\u202e", "\u200b", "\U000e0041", "\x1b", "\x00", "\u2028", "\ufeff"]


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_a_character_that_was_not_there_is_named_and_not_repeated(character: str) -> None:
    sentence = adds_hidden(f"x\ny = '{character}'\n", "x\ny\n")
    assert sentence is not None
    assert f"U+{ord(character):04X}" in sentence
    assert character not in sentence


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_one_that_was_there_may_stay_and_move(character: str) -> None:
    line = f"y = '{character}'"
    assert adds_hidden(f"z\n{line}\n", f"x\n{line}\n") is None
    assert adds_hidden(f"z\n    {line}\n", f"x\n{line}\n") is None


def test_a_byte_order_mark_may_begin_a_file() -> None:
    assert adds_hidden("\ufeffx = 1\n", "") is None
    assert adds_hidden("\ufeffx = 2\n", "\ufeffx = 1\n") is None


def test_a_line_end_that_a_terminal_writes_over_is_none_of_the_files() -> None:
    sentence = adds_hidden("evil()\r# safe\n", "x\n")
    assert sentence is not None
    assert "U+000D CARRIAGE RETURN" in sentence
    assert adds_hidden("a\r\nb\r\n", "x\n") is None
    assert adds_hidden("a\rb\rc\r", "a\rb\r") is None


def test_of_many_the_first_are_named() -> None:
    sentence = adds_hidden("".join(map(chr, range(0xE0061, 0xE0070))), "")
    assert sentence is not None
    assert "U+E0063 TAG LATIN SMALL LETTER C and 12 more" in sentence
