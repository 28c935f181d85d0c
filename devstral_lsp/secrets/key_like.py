"""Recognise possible keys in messages and log lines, which must never contain one.

Broader and faster than `scan.find_secrets`, which is for source code: hiding a harmless word only
makes a message less precise.
"""

from __future__ import annotations

import re

REMOVED = "[removed]"
_KEY = re.compile(
    r"""
    (?P<lead> (?i:
        \b(?:bearer|basic)\s+                                    # an Authorization header
      | (?<![\w-])[\w-]*(?:api[_-]?key|authorization|secret|password|access[_-]?token)["']?
            \s*[:=]\s*["']?
      | ://(?=[^\s/@]+@)                                         # user:password in an address
    )) (?i:(?:bearer|basic)\s+)? (?!\[removed\]) [^\s"',;@)}\]]+
    | \bsk-[\w-]{8,}
    # As Mistral's keys are: letters of both cases and digits. Request ids are lower-case hex.
    | \b(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{24,}
    """,
    re.VERBOSE,
)
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_LONG_NAME = re.compile(r"[A-Za-z0-9]{20,}")
_USER_OR_QUERY = re.compile(r"://(?:(?!://)[^\s@?])*+[@?]")


def redact_keys(text: str) -> str:
    """`text` with REMOVED in place of possible keys, tokens and passwords."""
    return _KEY.sub(lambda match: (match["lead"] or "") + REMOVED, text)


def may_hold_key(value: str) -> bool:
    """Whether a value that a user wrote may be or contain a key: too long a word to show."""
    return bool(_LONG_WORD.search(value) or _USER_OR_QUERY.search(value))


def may_be_key(name: str) -> bool:
    """Whether a name may be a pasted key: words joined by `_` or `.` are names."""
    return _LONG_NAME.search(name) is not None
