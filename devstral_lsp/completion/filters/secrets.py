"""What a secret looks like: the forms that are known, and what is named as one."""

from __future__ import annotations

import re

_KNOWN_FORMS = (
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bgithub_pat_\w{30,}"
    r"|\bglpat-[\w-]{20,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,}"
    r"|\bxox[abprs]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}"
    r"|\b(?:hf|npm)_[A-Za-z0-9]{30,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"
)


_NAMED = (
    r"(?i:api[_-]?key|secret|token|passw(?:or)?d|private[_-]?key|access[_-]?key|auth[_-]?key"
    r"|credential)[\w-]{0,24}[\"'\]]{0,2}[ \t]*(?:[:=]|=>|:=|:[ \t]*\w+[ \t]*=)[ \t]*[\"'`]?"
    r"(?P<value>[A-Za-z0-9+/_=-]{20,})"
)


SECRET = re.compile(f"(?P<known>{_KNOWN_FORMS})|{_NAMED}")


_LONG_WORD = re.compile(r"[\w+/=-]{10,}")
"""What every secret has, and few lines of code: a cheap look before the thorough one."""


_DIGIT = re.compile(r"\d")


def may_hold_one(text: str) -> bool:
    words = _LONG_WORD.findall(text)
    return "PRIVATE KEY" in text or any(
        not word.isalpha() and _DIGIT.search(word) for word in words
    )


def is_secret(match: re.Match[str], value: str) -> bool:
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    varied = len(set(value)) >= 8
    if match["known"] is None:
        return mixed and varied
    return (varied and any(c.isdigit() for c in value)) or "BEGIN" in value
