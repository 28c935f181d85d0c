"""Import lines that a document lacks, put where its language and the document keep them.

After the imports that it has, else after what has to come first in a file: a shebang, a licence, a
module's docstring, the package line. Offsets are code points; knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.line_edits import minimal_line_edits
from devstral_lsp.refactor.parsed_text import ParsedDocument
from devstral_lsp.refactor.preamble import imports_insertion_line
from devstral_lsp.syntax.imports import ImportStatement, find_import_statements, imports_of
from devstral_lsp.text import Edit, Snapshot, Span, Text, normalize_newlines

_QUOTED_PATH = r"(?:(?<![\w.])(?!import\b)[\w.]+ )?\"[^\"\n]+\""
"""A path with the name that it goes by, as it stands in a group of imports."""


def import_edits(document: ParsedDocument, lines: Sequence[str]) -> tuple[Edit, ...]:
    """What adds those of the import statements in `lines` that the document lacks; () if none.

    Raises UnusableReply where one of them is no import statement of the document's language.
    """
    snapshot = document.snapshot
    wanted = _wanted(lines, snapshot.language)
    if not wanted:
        return ()
    text = normalize_newlines(document.string).split("\n")
    known = [*find_import_statements(text, snapshot.language, document.is_quoted)]
    missing = _missing(wanted, known, snapshot.language)
    if not missing:
        return ()
    if get_language(snapshot.language).groups_imports and (block := _last_group(known)):
        specs = [f"\t{spec}" for each in missing for spec in re.findall(_QUOTED_PATH, each)]
        return _inserted(snapshot.text, block.end - 1, specs)
    first = [each for each in missing if each.startswith("from __future__ ")]
    rest = [each for each in missing if each not in first]
    found = [
        *_future_edits(snapshot, text, known, first),
        *_rest_edits(snapshot, text, known, rest),
    ]
    return _merged(found)


def _wanted(lines: Sequence[str], language: str) -> list[str]:
    """The statements in `lines`, without their indentation."""
    text = [line for each in lines for line in normalize_newlines(each).split("\n")]
    text = [line if line[:1] in " \t" and at else line.lstrip() for at, line in enumerate(text)]
    text = [_as_statement(line, language) for line in text if line.strip()]
    if text and get_language(language).import_statement is None:
        raise UnusableReply("This language has no import lines that could be added.")
    found = [*find_import_statements(text, language)]
    if sum(each.end - each.first for each in found) != len(text):
        raise UnusableReply("What the reply gives as import lines is something else.")
    return list(dict.fromkeys(each.text for each in found))


def _as_statement(line: str, language: str) -> str:
    """Models give quoted paths bare, as they stand in a group of imports."""
    is_bare = re.fullmatch(rf"\s*{_QUOTED_PATH}", line)
    return f"import {line.strip()}" if is_bare and get_language(language).groups_imports else line


def _missing(wanted: Iterable[str], known: Sequence[ImportStatement], language: str) -> list[str]:
    texts = {_folded(each.text) for each in known}
    have = {
        (each.module, name)
        for statement in known
        if not re.search(r"\bas\b", statement.text)
        for each in imports_of(statement.text, language)
        for name in each.names or ("",)
    }
    missing = []
    for text in wanted:
        if _folded(text) in texts:
            continue
        needed = _reduced(text, have, language)
        if needed:
            missing.append(needed)
    return missing


def _folded(text: str) -> str:
    return (
        re.sub(r"\s+", "", text.replace('"', "'")).rstrip(";").replace(",}", "}").replace(",)", ")")
    )


def _reduced(text: str, have: set[tuple[str, str]], language: str) -> str:
    """The statement without the names that are imported already; "" if those are all."""
    found = imports_of(text, language)
    names = [(each.module, name) for each in found for name in each.names or ("",)]
    if not names or re.search(r"\bas\b", text) or not any(name in have for name in names):
        return text
    rest = [name for name in names if name not in have]
    if not rest:
        return ""
    if text.startswith("from "):
        return f"from {rest[0][0]} import {', '.join(name for _, name in rest)}"
    named = re.fullmatch(r"(import(?: type)?\s*\{)[^}]*(\}\s*from\s*.*)", text, re.DOTALL)
    return f"{named[1]} {', '.join(name for _, name in rest)} {named[2]}" if named else text


def _last_group(known: Sequence[ImportStatement]) -> ImportStatement | None:
    blocks = [each for each in known if "(" in each.text and each.end - each.first > 1]
    return blocks[-1] if blocks else None


def _future_edits(
    snapshot: Snapshot, text: Sequence[str], known: Sequence[ImportStatement], first: Sequence[str]
) -> tuple[Edit, ...]:
    """Python wants these before everything but the docstring."""
    if not first:
        return ()
    before = [each for each in known if each.text.startswith("from __future__ ")]
    if before:
        return _inserted(snapshot.text, before[-1].end, first)
    return _after_preamble(snapshot, text, first)


def _rest_edits(
    snapshot: Snapshot, text: Sequence[str], known: Sequence[ImportStatement], rest: Sequence[str]
) -> tuple[Edit, ...]:
    if not rest:
        return ()
    group = _first_group(text, known, snapshot.language)
    if not group:
        return _after_preamble(snapshot, text, rest)
    places: dict[int, list[str]] = {}
    for each in rest:
        places.setdefault(_beside(each, group).end, []).append(each)
    return tuple(
        edit
        for line, lines in sorted(places.items())
        for edit in _inserted(snapshot.text, line, lines)
    )


def _first_group(
    text: Sequence[str], known: Sequence[ImportStatement], language: str
) -> list[ImportStatement]:
    """The imports up to the first line at the margin that is neither one nor a guard of some."""
    marker = get_language(language).line_comment or "//"
    group: list[ImportStatement] = []
    for each in known:
        between = text[group[-1].end : each.first] if group else []
        if any(_is_code(line, marker) for line in between):
            break
        group.append(each)
    return group


def _is_code(line: str, marker: str) -> bool:
    guards = ("if ", "try:", "except", "else:", "#", "/*", "*", "}", ")", "finally:")
    return line[:1].strip() != "" and not line.startswith((marker, *guards))


def _beside(statement: str, group: Sequence[ImportStatement]) -> ImportStatement:
    """The last import of the same package, else the last of all."""
    package = _package(statement)
    same = [each for each in group if package and _package(each.text) == package]
    return (same or list(group))[-1]


def _package(statement: str) -> str:
    match = re.match(
        r"(?:from|import|use|using)\s+(?:static\s+)?(\w+)|#\s*include\s*([<\"])", statement
    )
    return (match[1] or match[2]) if match else ""


def _after_preamble(
    snapshot: Snapshot, text: Sequence[str], lines: Sequence[str]
) -> tuple[Edit, ...]:
    at = imports_insertion_line(text, snapshot.language)
    above = [""] if at and text[at - 1].strip() else []
    below = [""] if at < len(text) and text[at].strip() else []
    return _inserted(snapshot.text, at, [*above, *lines, *below])


def _inserted(text: Text, line: int, lines: Sequence[str]) -> tuple[Edit, ...]:
    """New lines before the line with this number, which may be the one after the last."""
    if line < text.line_count:
        at = text.line_start(line)
        return minimal_line_edits(text, Span(at, at), "\n".join(lines) + "\n")
    at = len(text)
    return minimal_line_edits(text, Span(at, at), "\n".join(["", *lines]))


def _merged(found: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits in rising order; two at one place become one."""
    merged: list[Edit] = []
    for edit in sorted(found, key=lambda each: each.span.start):
        if merged and merged[-1].span == edit.span:
            edit = Edit(edit.span, merged.pop().text + edit.text)
        merged.append(edit)
    return tuple(merged)
