"""What a secret looks like: the forms that are known, and what is named as one."""

from __future__ import annotations

import re

from devstral_lsp.leaks import KNOWN_SECRET, SECRET_NAME

_VALUE = r"[ \t]*(?:[:=]|=>|:=|:[ \t]*\w+[ \t]*=)[ \t]*[\"'`]?(?P<value>[A-Za-z0-9+/_=-]{20,})"
"""What assigns it, and as much of it as has been written."""


SECRET = re.compile(f"(?P<known>{KNOWN_SECRET})|{SECRET_NAME}{_VALUE}")


_LONG_WORD = re.compile(r"[\w+/=-]{10,}")
"""What every secret has, and few lines of code: a cheap look before the thorough one."""


_DIGIT = re.compile(r"\d")


def may_hold_one(text: str) -> bool:
    words = _LONG_WORD.findall(text)
    return "PRIVATE KEY" in text or any(
        not word.isalpha() and _DIGIT.search(word) for word in words
    )
