"""Characters that change what a reader or a terminal shows without being seen themselves.

Trojan Source (CVE-2021-42574, https://trojansource.codes) reorders code by bidirectional controls;
zero-width, tag and variation characters hide text; control characters drive a terminal.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
"""C0 and C1 controls and DEL, without tab, line feed and carriage return."""
_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065"
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Zero-width, filler, tag, interlinear, selector and line-separating characters."""

_DECEPTIVE = re.compile(f"[{_CONTROL}{_BIDIRECTIONAL}{_INVISIBLE}]")
_NOT_PRINTABLE = re.compile(f"[\r{_CONTROL}{_BIDIRECTIONAL}{_INVISIBLE}\ud800-\udfff]")


def deceptive_characters(text: str) -> frozenset[str]:
    """The control, bidirectional and invisible characters that `text` holds.

    Tab, line feed and carriage return are none. Linear in the length of `text`.
    """
    return frozenset(_DECEPTIVE.findall(text))


def describe_character(character: str) -> str:
    """A name for a message that must not hold the character: "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    name = unicodedata.name(character, "control character")
    return f"U+{ord(character):04X} {name}"


def printable(text: str) -> str:
    r"""`text` for a terminal: what could drive it or hide becomes an escape such as "\u202e".

    Tab and line feed stay. A carriage return before a line feed goes.
    """
    return _NOT_PRINTABLE.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
