"""Finds the line of a setting in a TOML file, and explains syntax errors to its author.

`tomllib` returns values without line numbers, and its messages may quote the file, which may
contain a key. So only the kind of its error is used, and lines are counted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from devstral_lsp.config.parse_value import to_snake_case

_BACKSLASH = "a backslash in double quotes: write the value in single quotes"
_TABLE_TWICE = "a table stands here a second time: keep its settings under one heading"
_SETTING_TWICE = "a setting is written a second time: keep one of the two"
_QUOTE = "a quote is not closed"
_REASONS = (
    ("Cannot declare", _TABLE_TWICE),
    ("Cannot mutate", _TABLE_TWICE),
    ("Cannot overwrite", _SETTING_TWICE),
    ("Duplicate inline", _SETTING_TWICE),
    ("Unescaped", _BACKSLASH),
    ("Invalid hex", _BACKSLASH),
    ("Escaped character is not", _BACKSLASH),
    ("Illegal character '\\n'", _QUOTE),
    ("Illegal character '\\r", _QUOTE),
    ("Illegal character", "there is a character that text in quotes may not hold"),
    ("Unterminated string", _QUOTE),
    ('Expected "\'"', _QUOTE),
    ("Unclosed array", "a bracket is not closed, or a comma is missing"),
    ("Unclosed inline table", "a brace is not closed, or a comma is missing"),
    ("Expected ']", "the bracket behind a table's name is missing"),
    ("Expected '='", "`=` is missing behind the name of a setting"),
    ("Expected newline", "there is more behind the value than a comment"),
    ("Invalid value", "a value is missing, or a word is not in quotes"),
    ("Invalid initial character", "a name is missing"),
    ("Invalid statement", "this is neither a setting, nor a table, nor a comment"),
)
"""How the messages of `tomllib` (CPython 3.11 to 3.14) begin, and what to say instead."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\\\n]*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TABLE = re.compile(rf"[ \t]*\[\[?[ \t]*({_KEY})[ \t]*\]")
_ENTRY = re.compile(rf"[ \t]*({_KEY})[ \t]*=")
_YAML = re.compile(r"\s*[A-Za-z_.]+:(?:\s|$)")
_COMMENTS = ("//", ";", "/*", "--", "<!--")
_NO_MARK = "there is more behind the value: leave out the `,` or `;` at the end of the line"
_FLAGS = ("true", "false", "yes", "no", "on", "off")
_PARTS = re.compile(_PART)
_TOKEN = re.compile(
    r"""\"\"\"|'''|"(?:[^"\\]|\\.)*+(?:"|\\?$)|'[^']*+(?:'|$)|#.*|[\[{]|[\]}]|[^"'#\[\]{}]+|.""",
    re.DOTALL,
)
_MULTILINE = ('"""', "'''")


def describe_syntax_error(message: str, text: str) -> tuple[str, int]:
    """What is wrong with `text`, and in which line. `message` is that of `tomllib`."""
    at = re.search(r"\(at line (\d+)", message)
    # An unclosed value, which is reported at the end of the file, begins in the last statement.
    number = int(at[1]) if at else max((line for _, line in _statements(text)), default=0)
    line = "".join(text.split("\n")[number - 1 : number])
    reason = _reason_in(line, message) or next(
        (words for start, words in _REASONS if message.startswith(start)), ""
    )
    return f"this is not TOML: {reason}" if reason else "this is not TOML", number


def _reason_in(line: str, message: str) -> str:
    """A better reason than that of the message, derived from the line; "" for none."""
    value = line.partition("=")[2].strip()
    is_value = message.startswith("Invalid value")
    for applies, reason in (
        (line.startswith(("<<<<<<<", "=======", ">>>>>>>")), "a merge conflict is left in it"),
        (
            line.startswith("{") and not is_value,
            "this looks like JSON: write `[fim]` and lines below it",
        ),
        (line.lstrip().startswith(_COMMENTS), "a comment begins with `#`"),
        (line.startswith("```"), "leave out the lines with backquotes"),
        (message.startswith("Expected newline") and line.rstrip().endswith((",", ";")), _NO_MARK),
        (bool(_YAML.match(line)), "this looks like YAML: write `name = value` under `[group]`"),
        (is_value and value[:1] in tuple("“”„‘’«»`"), "write straight quotes around the value"),
        (is_value and value.lower() in _FLAGS, "write true or false in small letters"),
        (is_value and not value, "the value is missing"),
        (is_value, "the value has to stand in quotes"),
    ):
        if applies:
            return reason
    return ""


def line_of(text: str, key: str) -> int:
    """The line, from 1, that contains the dotted `key` in snake case; 0 if unknown.

    For a key in an inline table it is the line of the table.
    """
    lines = _lines(text)
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key, 0)


@lru_cache(maxsize=2)
def _lines(text: str) -> Mapping[str, int]:
    """The first line of each name. Cached for files with many invalid entries."""
    lines: dict[str, int] = {}
    for name, line in _names(text):
        lines.setdefault(name, line)
    return lines


def _names(text: str) -> Iterator[tuple[str, int]]:
    """The dotted names of all tables and settings, with their lines."""
    table = ""
    for statement, line in _statements(text):
        if match := _TABLE.match(statement):
            table = _dotted(match[1])
            yield table, line
        elif match := _ENTRY.match(statement):
            name = _dotted(match[1])
            yield f"{table}.{name}" if table else name, line


def _dotted(key: str) -> str:
    return ".".join(to_snake_case(part.strip("\"'")) for part in _PARTS.findall(key))


def _statements(text: str) -> Iterator[tuple[str, int]]:
    """The first line of each statement, which may span several lines, with its number."""
    open_string, depth = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if not open_string and not depth and line.strip() and not line.lstrip().startswith("#"):
            yield line, number
            depth = 0
            if _TABLE.match(line):
                continue
        open_string, depth = _after(line, open_string, depth)


def _after(line: str, open_string: str, depth: int) -> tuple[str, int]:
    """The delimiter of the string and the number of brackets that are open after `line`."""
    at = 0
    while at < len(line):
        if open_string:
            end = line.find(open_string, at)
            if end < 0:
                return open_string, depth
            at, open_string = end + len(open_string), ""
            continue
        match = _TOKEN.match(line, at)
        token = match[0] if match else line[at]
        at += len(token)
        if token in _MULTILINE:
            open_string = token
        elif token in "[{":
            depth += 1
        elif token in "]}":
            depth = max(0, depth - 1)
    return open_string, depth
