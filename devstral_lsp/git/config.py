"""Reads a git configuration file as data. Nothing in it is obeyed, and nothing is included."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SECTION = re.compile(r'\[\s*([-.\w]+)(?:\s*"((?:[^"\\]|\\.)*)")?\s*\]')
_KEY = re.compile(r"([A-Za-z][-\w]*)[ \t]*(?:=|$|(?=[#;]))[ \t]*")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}


def values_of(text: str) -> Iterator[tuple[str, str]]:
    """Keys such as "core.worktree", all in small letters, and their values, in their order.

    A key without "=" has the value "true". A line that cannot be understood is passed over.
    """
    section = ""
    lines = iter(text.replace("\r\n", "\n").split("\n"))
    for line in lines:
        line = line.strip()
        if line.startswith("["):
            found = _SECTION.match(line)
            if found is None:
                section = ""
                continue
            name, sub = found.groups()
            section = (f"{name}.{sub}" if sub is not None else name).lower()
            line = line[found.end() :].strip()
        if section and (key := _KEY.match(line)):
            has_value = "=" in key[0]
            value = _value(line[key.end() :], lines) if has_value else "true"
            yield f"{section}.{key[1].lower()}", value


def _value(text: str, further: Iterator[str]) -> str:
    """What stands after "=": without comment, quotes and the blanks around it."""
    parts: list[str] = []
    kept = 0  # up to where blanks at the end belong to it
    is_quoted = False
    letters = iter(text)
    while True:
        letter = next(letters, None)
        if letter is None or (letter in "#;" and not is_quoted):
            return "".join(parts[:kept])
        if letter == '"':
            is_quoted = not is_quoted
            kept = len(parts)
            continue
        if letter == "\\":
            escaped = next(letters, None)
            if escaped is None:
                letters = iter(next(further, ""))
                continue
            letter = _ESCAPES.get(escaped, escaped)
        parts.append(letter)
        if is_quoted or not letter.isspace():
            kept = len(parts)
