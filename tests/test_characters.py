"""Deceptive characters are found, named without being repeated, and made visible for a terminal."""

from __future__ import annotations

import pytest

from devstral_lsp.characters import deceptive_characters, describe_character, printable

DECEPTIVE = ["\x00", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041"]


@pytest.mark.parametrize("character", DECEPTIVE, ids=ascii)
def test_a_deceptive_character_is_found_and_never_printed(character: str) -> None:
    assert deceptive_characters(f"a{character}b") == {character}
    assert printable(f"a{character}b").isprintable()
    assert character not in describe_character(character)


@pytest.mark.parametrize("text", ["", "a\tb\r\nc\n", "naïve 変数 🙂", "نص", "‘’…"])
def test_ordinary_text_of_any_script_holds_none(text: str) -> None:
    assert deceptive_characters(text) == frozenset()


def test_a_terminal_gets_tabs_and_lines_as_they_are_and_the_rest_as_escapes() -> None:
    assert printable("a\tb\r\nc\rd\x1b[31m\u202e\U000e0041") == (
        "a\tb\nc\\x0dd\\x1b[31m\\u202e\\U000e0041"
    )


def test_a_character_is_named_by_its_number_and_name() -> None:
    assert describe_character("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
    assert describe_character("\x1b") == "U+001B control character"
