"""Characters that change what a reader or a terminal shows, without being visible themselves.

Trojan Source (CVE-2021-42574, https://trojansource.codes) reorders code with bidirectional
controls; zero-width, tag and variation characters hide text; control characters drive a terminal.
The sets are Unicode's Default_Ignorable_Code_Point and Bidi_Control (UAX #44), its noncharacters
and controls, and other characters without a glyph. Characters that emoji (UTS #51) and scripts (UAX
#31, 2.3) need are allowed only in such sequences.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

BYTE_ORDER_MARK = "\ufeff"

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
"""C0 and C1 controls and DEL, without tab, line feed and carriage return."""
_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065"
    "\u206a-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc"
    "\U00013430-\U0001345f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Zero-width, filler, tag, interlinear, selector and line-separating characters."""
_INVALID = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
"""Lone surrogates and noncharacters: not in real text, and programs disagree on their meaning."""

_CONTROLS = re.compile(f"[{_CONTROL}]")
_DRIVING = re.compile(f"[\r{_CONTROL}]")
_DECEPTIVE = f"{_CONTROL}{_BIDIRECTIONAL}{_INVISIBLE}{_INVALID}"
_RANGE = re.compile("(.)-(.)|(.)", re.DOTALL)

_EMOJI = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
"""Blocks with all bases of emoji-variation-sequences.txt except digits, `#` and `*`."""
_DRESSED = f"{_EMOJI}[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]?"
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffef"
_JOINING = (
    "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0710-\u077f\u07ca-\u07f5\u08a0-\u08ff"
    "\u0900-\u0963\u0971-\u0df3\u0f00-\u109f\u1780-\u17b3\u17b6-\u17d3\u1820-\u18aa\u1b00-\u1bff"
    "\ua840-\ua873\ua980-\ua9df\uaa00-\uabff\U00010a00-\U00010a5f\U00011000-\U00011fff"
)
"""Letters and marks of scripts with joiners: Arabic, Indic and Mongolian ones."""
_VIRAMAS = (
    "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2\u1b44\ua8c4\ua9c0"
)
_LEGITIMATE = "|".join(
    (
        # The flag of a region, by its subdivision id.
        "\U0001f3f4[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,4}"
        "\U000e007f",
        f"{_DRESSED}(?:\u200d{_DRESSED})*",
        "[0-9#*][\ufe0e\ufe0f]\u20e3",  # a keycap
        f"[\u200c\u200d](?<=[{_JOINING}].)(?=[{_JOINING}])",
        f"[\u200c\u200d](?<=[{_VIRAMAS}].)",
        f"\u200c(?<=\\w.)(?=[{_JOINING}])",  # before the suffix of a foreign word, as in Persian
        "[\u180b-\u180f](?<=[\u1820-\u18aa].)",
        f"[\ufe00-\ufe02\U000e0100-\U000e01ef](?<=[{_HAN}].)",  # a variant of an ideograph
        "\ufe00(?<=[\u2200-\u22ff\u2a00-\u2aff].)",  # of an operator
        "\u2800(?:(?<=[\u2801-\u28ff].)|(?=[\u2801-\u28ff]))",  # between braille patterns
    )
)
_REACH = 32
"""Code points around a text that may form a sequence with it."""
_MAX_EXAMINED = 500
"""Occurrences of one character in a document to check."""

_CONTROL_NAMES = {
    "\x00": "NULL",
    "\x07": "BELL",
    "\x08": "BACKSPACE",
    "\x0b": "LINE TABULATION",
    "\x0c": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
    "\x90": "DEVICE CONTROL STRING",
    "\x9b": "CONTROL SEQUENCE INTRODUCER",
    "\x9d": "OPERATING SYSTEM COMMAND",
}
"""Names from NameAliases.txt, which `unicodedata.name` lacks, for characters used in attacks."""


@cache
def _sequences() -> re.Pattern[str]:
    """An allowed sequence, or else a carriage return or deceptive character.

    Compiled on first use, which most sessions never need: it takes 15 ms.
    """
    # An ASCII letter or space, which starts none of these, is skipped at once.
    return re.compile(f'(?![\t\n -"$-)+-/:-~])(?:{_LEGITIMATE}|(?P<odd>[\r{_DECEPTIVE}]))')


@cache
def _deceptive_set() -> frozenset[str]:
    """The characters as a set, ten times faster than an expression with ranges beyond U+FFFF."""
    ranges = (match.groups() for match in _RANGE.finditer(_DECEPTIVE))
    codes = (range(ord(first or one), ord(last or one) + 1) for first, last, one in ranges)
    return frozenset(chr(code) for each in codes for code in each)


def _is_plain(text: str) -> bool:
    """Whether a text contains none of them, in any context."""
    return _deceptive_set().isdisjoint(text)


def deceptive_characters(text: str, *, before: str = "", after: str = "") -> frozenset[str]:
    """The control, bidirectional, invisible and invalid characters in `text`.

    Excludes tab, line feed and carriage return, and characters that an emoji or a script needs;
    `before` and `after` are the text around `text`, for such sequences. Linear.
    """
    if text.isascii():
        return frozenset(_CONTROLS.findall(text))
    if _is_plain(text):
        return frozenset()
    head = before[-_REACH:]
    whole, end = f"{head}{text}{after[:_REACH]}", len(head) + len(text)
    return frozenset(
        match[0]
        for match in _sequences().finditer(whole)
        if match["odd"] and match["odd"] != "\r" and len(head) <= match.start() < end
    )


def new_deceptive_characters(
    text: str, document: str, *, before: str = "", after: str = ""
) -> frozenset[str]:
    """The deceptive characters of `text` that do not already deceive in `document`.

    A byte order mark at the document's start does not allow one within a text. The document is
    searched only for characters of `text`.
    """
    found = deceptive_characters(text, before=before, after=after)
    return frozenset(each for each in found if not _deceives_in(document, each))


def _deceives_in(document: str, character: str) -> bool:
    at = document.find(character, 1 if character == BYTE_ORDER_MARK else 0)
    for _ in range(_MAX_EXAMINED):
        if at < 0:
            return False
        around = document[max(0, at - _REACH) : at], document[at + 1 : at + 1 + _REACH]
        if deceptive_characters(character, before=around[0], after=around[1]):
            return True
        at = document.find(character, at + 1)
    return False


def hides_text(text: str) -> bool:
    """Whether a model can read something in `text` that a reader cannot see.

    A byte order mark at its start, and controls such as a form feed, do not count.
    """
    found = deceptive_characters(text.removeprefix(BYTE_ORDER_MARK))
    return any(_CONTROLS.match(each) is None for each in found)


def describe_character(character: str) -> str:
    """The character's name for a message that must not contain it: "U+202E RIGHT-TO-LEFT
    OVERRIDE"."""
    kind = {"Cc": "control character", "Cs": "lone surrogate"}.get(
        unicodedata.category(character), "no character"
    )
    name = _CONTROL_NAMES.get(character) or unicodedata.name(character, kind)
    return f"U+{ord(character):04X} {name}"


def printable(text: str) -> str:
    r"""`text` for a terminal: dangerous and hidden characters become escapes such as "\u202e".

    Tab and line feed stay. A carriage return before a line feed is dropped.
    """
    unified = text.replace("\r\n", "\n")
    if unified.isascii() or _is_plain(unified):
        return _DRIVING.sub(_escape, unified)
    return _sequences().sub(lambda match: _escape(match) if match["odd"] else match[0], unified)


def on_one_line(text: str) -> str:
    """`text` as a title or a label: printable, with each run of whitespace as one space."""
    return " ".join(printable(text).split())


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    width, letter = (2, "x") if code < 0x100 else (4, "u") if code < 0x10000 else (8, "U")
    return f"\\{letter}{code:0{width}x}"
