"""Parse a git configuration file as data; it has no effect, and includes are not followed."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SECTION = re.compile(r'\[\s*([-.\w]+)(?:\s*"((?:[^"\\]|\\.)*)")?\s*\]')
_KEY = re.compile(r"([A-Za-z][-\w]*)[ \t]*(?:=|$|(?=[#;]))[ \t]*")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}


def parse_config(text: str) -> Iterator[tuple[str, str]]:
    """Keys such as "core.worktree" in lower case, and their values, in order.

    A key without "=" has the value "true". Lines that cannot be parsed are skipped.
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
    """The text after "=" without comment, quotes and the whitespace around it."""
    parts: list[str] = []
    kept = 0  # the end of the value without trailing whitespace
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
