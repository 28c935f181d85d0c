"""Describe a function by its signature and documentation; find calls of it in other files.

Reads few files, and only for the function that is called at the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.context.members.meaning import Found
from devstral_lsp.context.members.modules import Modules
from devstral_lsp.context.members.pieces import (
    OF_A_NAME,
    Piece,
    parameter_names,
    render_signature,
)
from devstral_lsp.languages import get_language

MAX_CALLS = 2
"""Maximum number of calls."""
MAX_LINES = 4
"""Maximum lines of one call."""
MAX_CALL_LENGTH = 240
"""Maximum code points of one call."""
MAX_DOC_LINES = 120
_ABOVE = 6
"""Lines above a definition that may document it."""
_DEFINES = frozenset({"def", "func", "function", "fn", "async", "public", "void", "*", "//"})
_MARKS = " \t/*#!;\"'rRbBuU"


def describe_call(called: Found, modules: Modules, room: int) -> Piece:
    """The whole signature below its type, and the first line of its documentation."""
    language = get_language(modules.language(called.file))
    documented = _documentation(called, modules)
    lines = [called.type.header] if called.type and called.type.header else []
    indent = "    " * len(lines)
    if documented:
        lines.append(f"{indent}{language.line_comment or '//'} {documented}")
    for each in (called.member, *called.member.overloads):
        signature = indent + render_signature(each, room)
        if each is called.member or sum(map(len, [*lines, signature])) < room - OF_A_NAME:
            lines.append(signature)
    names = frozenset({called.member.name, *parameter_names(called.member.params)})
    return Piece(called.file, "\n".join(lines), "the call around the cursor", names)


def find_calls(called: Found, modules: Modules) -> Iterator[Piece]:
    """The nearest calls of a function in other files."""
    name = called.member.name
    left_out = {modules.own.file, called.file}
    users = [each for each in modules.survey.users.get(name, ()) if each not in left_out]
    users.sort(key=lambda path: path.parent != modules.own.file.parent)
    found = 0
    for path in users:
        if found >= MAX_CALLS:
            return
        call = _call_in(modules.shelf.lines(path), name)
        if call:
            found += 1
            yield Piece(path, call, "a call of the same function", frozenset({name}))


def _call_in(lines: list[str], name: str) -> str:
    """The first call of a name, as whole lines."""
    for at, line in enumerate(lines):
        place = line.find(f"{name}(")
        if place < 0 or _is_definition(line[:place]):
            continue
        taken: list[str] = []
        for each in lines[at : at + MAX_LINES]:
            taken.append(each)
            text = "\n".join(taken)
            if text.count("(") <= text.count(")"):
                return _dedented(taken) if len(text) <= MAX_CALL_LENGTH else ""
    return ""


def _is_definition(before: str) -> bool:
    word = before.split()[-1:] or [""]
    is_part = bool(before) and (before[-1].isalnum() or before[-1] == "_")
    return is_part or word[0] in _DEFINES


def _dedented(lines: list[str]) -> str:
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[indent:].rstrip() for line in lines)


def _documentation(called: Found, modules: Modules) -> str:
    """The first line of a function's documentation without its marks; "" if there is none."""
    lines = modules.shelf.lines(called.file)
    line = called.member.line
    if not 0 <= line < len(lines):
        return ""
    if modules.grammar(called.file) == "python":
        return _first_words(_docstring(lines[line : line + 40]))
    above = lines[max(0, line - _ABOVE) : line]
    comment: list[str] = []
    for each in reversed(above):
        plain = each.strip()
        if plain.startswith(("//", "/*", "*", "#", "--")) and not plain.startswith("#["):
            comment.insert(0, plain)
        elif not plain.startswith(("@", "#[", "[")):
            break
    return _first_words(comment)


def _docstring(lines: list[str]) -> list[str]:
    """The first line of the string after a function's head."""
    ends = next((at for at, line in enumerate(lines) if line.rstrip().endswith(":")), None)
    if ends is None or ends + 1 >= len(lines):
        return []
    text = lines[ends + 1].strip().lstrip("rRbBuU")
    return lines[ends + 1 : ends + 3] if text.startswith(('"', "'")) else []


_WORD = re.compile(r"\w")


def _first_words(lines: list[str]) -> str:
    for line in lines:
        plain = line.strip().strip(_MARKS) if '"' in line else line.strip(" \t/*#!;")
        if _WORD.search(plain):
            return plain[:MAX_DOC_LINES]
    return ""
