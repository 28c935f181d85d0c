"""Deceptive characters are found, named without being repeated, and made visible for a terminal."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from devstral_lsp.characters import (
    deceptive_characters,
    describe_character,
    hides_text,
    new_deceptive_characters,
    on_one_line,
    printable,
)

TAGS = "".join(chr(0xE0000 + ord(each)) for each in "gbeng")
FLAG = f"\U0001f3f4{TAGS}\U000e007f"

DECEPTIVE = {
    "NUL": "\x00",
    "backspace": "\x08",
    "form feed": "\x0c",
    "ESC": "\x1b",
    "DEL": "\x7f",
    "CSI in one byte": "\x9b",
    "OSC in one byte": "\x9d",
    "next line": "\x85",
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "arabic letter mark": "\u061c",
    "hangul filler": "\u3164",
    "halfwidth hangul filler": "\uffa0",
    "hangul choseong filler": "\u115f",
    "zero width space": "\u200b",
    "zero width non-joiner": "\u200c",
    "zero width joiner": "\u200d",
    "left-to-right mark": "\u200e",
    "line separator": "\u2028",
    "right-to-left override": "\u202e",
    "pop directional formatting": "\u202c",
    "first strong isolate": "\u2068",
    "invisible times": "\u2062",
    "braille blank": "\u2800",
    "variation selector": "\ufe0f",
    "byte order mark": "\ufeff",
    "interlinear annotation": "\ufff9",
    "noncharacter": "\ufdd0",
    "noncharacter at a plane's end": "\U0001ffff",
    "lone surrogate": "\ud800",
    "null notehead": "\U0001d159",
    "object replacement": "\ufffc",
    "joiner of hieroglyphs": "\U00013431",
    "tag letter": "\U000e0041",
    "variation selector 17": "\U000e0100",
}


@pytest.mark.parametrize("character", DECEPTIVE.values(), ids=DECEPTIVE)
def test_a_deceptive_character_is_found_and_never_printed(character: str) -> None:
    assert deceptive_characters(f"a{character}b") == {character}
    assert printable(f"a{character}b").isprintable()
    assert character not in describe_character(character)


ORDINARY = {
    "nothing": "",
    "line ends": "a\tb\r\nc\n",
    "letters": "naïve 変数 ‘’… \u00a0",
    "arabic": "نص",
    "private use": "\ue0b0 \U000f0001",
    "an emoji": "🙂",
    "an emoji with a selector": "❤\ufe0f ↔\ufe0f ▶\ufe0e ℹ\ufe0f ™\ufe0f",
    "a keycap": "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "a profession": "👩🏽\u200d💻 🕵\ufe0f\u200d♂\ufe0f",
    "a family": "👨\u200d👩\u200d👧\u200d👦",
    "a couple": "👩🏻\u200d❤\ufe0f\u200d💋\u200d👨🏿",
    "the flag of a country": "🇫🇷",
    "the flag of a region": f"{FLAG} 🏴\u200d☠\ufe0f",
    "persian": "می\u200cخواهم API\u200cها",
    "hindi": "क्\u200dष क्\u200cष",
    "sinhala": "ශ්\u200dරී",
    "malayalam": "അവന്\u200d",
    "mongolian": "ᠭᠠ\u180eᠠ\u180b",
    "a variant of a name": "葛\U000e0100城",
    "an operator": "∩\ufe00",
    "braille art": "\u28ff\u2800\u28ff",
}


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_what_scripts_and_emoji_are_written_with_passes(text: str) -> None:
    assert deceptive_characters(text) == frozenset()
    assert not hides_text(text)
    assert printable(text) == text.replace("\r\n", "\n")


HIDDEN = {
    "a selector after a letter": "a\ufe0f",
    "a selector after a digit": "1\ufe0f",
    "two selectors": "❤\ufe0f\ufe0f",
    "bytes behind an emoji": "🙂\U000e0141\U000e0142",
    "a joiner before a letter": "🙂\u200da",
    "a joiner between latin letters": "ad\u200dmin",
    "two joiners between letters": "م\u200c\u200cم",
    "tags without a flag": TAGS,
    "a flag of many tags": f"\U0001f3f4{TAGS * 4}\U000e007f",
    "a flag without an end": f"\U0001f3f4{TAGS}",
    "two selectors of an ideograph": "葛\U000e0100\U000e0101",
    "braille blanks alone": "\u2800\u2800",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_the_same_characters_hide_elsewhere(text: str) -> None:
    assert deceptive_characters(text)
    assert hides_text(text)
    assert printable(text).isprintable()


def test_what_stands_around_a_text_makes_a_sequence_with_it() -> None:
    assert deceptive_characters("\u200d💻", before="👩") == frozenset()
    assert deceptive_characters("👩\u200d", after="💻") == frozenset()
    assert deceptive_characters("\ufe0f", before="x = ❤") == frozenset()
    assert deceptive_characters("\u200d💻", before="x") == {"\u200d"}


def test_no_character_that_is_ignored_by_default_gets_through_between_letters() -> None:
    """Format characters (Cf) but those that are seen: signs that surround numbers."""
    seen = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    formats = {
        chr(each)
        for each in range(sys.maxunicode + 1)
        if each not in seen and unicodedata.category(chr(each)) in ("Cf", "Cc", "Zl", "Zp", "Cs")
    }
    missed = {each for each in formats - set("\t\n\r") if not deceptive_characters(f"a{each}b")}
    assert {f"U+{ord(each):04X}" for each in missed} == set()


@pytest.mark.parametrize(
    ("text", "document", "new"),
    [
        pytest.param("a\u200bb", "x = 1", {"\u200b"}, id="new"),
        pytest.param("a\u200bb", "x\u200b = 1", set(), id="had"),
        pytest.param("a\u200bb\u202e", "x\u200b = 1", {"\u202e"}, id="another one"),
        pytest.param("\x0cx", "a\n\x0c\nb", set(), id="form feed"),
        pytest.param("a\ufeff", "\ufeffx = 1", {"\ufeff"}, id="a mark at the start"),
        pytest.param("a\ufeff", "\ufeffx\ufeff = 1", set(), id="a mark within"),
        pytest.param("a\u200db", "x = '👩\u200d💻'", {"\u200d"}, id="in an emoji alone"),
        pytest.param("\U000e0067", f"x = '{FLAG}'", {"\U000e0067"}, id="in a flag alone"),
        pytest.param("a\u200cb", "می\u200cخواهم" * 1000, {"\u200c"}, id="in persian alone"),
    ],
)
def test_what_the_document_holds_in_the_same_way_is_not_new(
    text: str, document: str, new: set[str]
) -> None:
    assert new_deceptive_characters(text, document) == new


@pytest.mark.parametrize("text", ["\ufeffimport os", "a\n\x0c\nb", "\x1b[0m"], ids=ascii)
def test_marks_and_controls_hide_no_text_from_a_reader(text: str) -> None:
    assert not hides_text(text)


def test_a_terminal_gets_tabs_and_lines_as_they_are_and_the_rest_as_escapes() -> None:
    assert printable("a\tb\r\nc\rd\x1b[31m\u202e\U000e0041") == (
        "a\tb\nc\\x0dd\\x1b[31m\\u202e\\U000e0041"
    )


def test_a_title_is_one_line() -> None:
    assert on_one_line(" a\r\nb\t c\x07\u2028") == "a b c\\x07\\u2028"


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\x1b", "U+001B ESCAPE"),
        ("\x01", "U+0001 control character"),
        ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("\ud800", "U+D800 lone surrogate"),
        ("\ufdd0", "U+FDD0 no character"),
    ],
)
def test_a_character_is_named_by_its_number_and_name(character: str, name: str) -> None:
    assert describe_character(character) == name
