"""Adds import statements that a document lacks, where its language and the document keep them.

They go after the imports that the document has, else after what has to come first in a file: a
shebang, a licence, a module's docstring, the package line. Offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from devstral_lsp.edits.line_edits import minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import Language, get_language
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.languages.javascript import script_of_component
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.syntax.imports import ImportStatement, find_import_statements, imports_of
from devstral_lsp.syntax.outline import outline
from devstral_lsp.text import Edit, Snapshot, Span, Text, normalize_newlines

_QUOTED_PATH = r"(?:(?<![\w.])(?!import\b)[\w.]+ )?\"[^\"\n]+\""
"""An import path with its alias, as it stands in a group of imports."""
_FUTURE = "from __future__ "
_MAGIC_COMMENT = re.compile(r"#.{0,80}?(?:coding[:=]|frozen_string_literal:|-\*-)")
"""A comment that counts only in the first lines of a file."""
_DOCSTRING = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')")


def import_edits(document: ParsedDocument, lines: Sequence[str]) -> tuple[Edit, ...]:
    """The edits that add those import statements in `lines` that the document lacks.

    Raises UnusableReply where a line is no import statement of the document's language.
    """
    text, language = document.text, document.language
    script = script_of_component(document.string, language)
    if script is not None:
        return tuple(_script_edits(document, lines, Span(*script[:2]), script[2]))
    constants = _constants(lines, language)
    wanted = _statements([each for each in lines if each not in constants], language)
    document_lines = normalize_newlines(document.string).split("\n")
    constants = [each for each in constants if each.strip() not in document_lines]
    if not wanted and not constants:
        return ()
    known = [*find_import_statements(document_lines, language, document.is_quoted)]
    missing = [*_missing(wanted, known, language)]
    blocks = [each for each in known if "(" in each.text and each.end - each.first > 1]
    if get_language(language).groups_imports and blocks and missing:
        specs = [f"\t{spec}" for each in missing for spec in re.findall(_QUOTED_PATH, each)]
        return _insert(text, blocks[-1].end - 1, specs)
    group = _first_group(document_lines, known, language)
    futures = [each for each in known if each.text.startswith(_FUTURE)]
    places: dict[int | None, list[str]] = {}
    for statement in missing:
        if not statement.startswith(_FUTURE):
            places.setdefault(_line_beside(statement, group), []).append(statement)
    # Python wants these before all other imports.
    first = [each for each in missing if each.startswith(_FUTURE)]
    inserted = [(futures[-1].end if futures else None, first), *places.items()]
    if constants:
        inserted.append((group[-1].end if group else None, ["", *constants]))
    return _joined(
        edit
        for line, new in inserted
        if new
        for edit in (
            _insert_after_preamble(text, document_lines, new, language)
            if line is None
            else _insert(text, line, new)
        )
    )


def _script_edits(
    document: ParsedDocument, lines: Sequence[str], span: Span, language: str
) -> Iterator[Edit]:
    """The same for the script of a component, whose lines may all be indented."""
    code = document.string[span.start : span.end]
    known = code.split("\n")
    first = next((each for each in known if each.strip()), "")
    if not indent_of(first):
        snapshot = Snapshot(document.snapshot.uri, 0, language, Text.of(code))
        for each in import_edits(ParsedDocument(snapshot), lines):
            moved = Span(each.span.start + span.start, each.span.end + span.start)
            yield Edit(moved, each.text)
        return
    bare = [each.strip() for each in known]
    missing = [each for each in _statements(lines, language) if each.strip() not in bare]
    starts = [each.first for each in find_import_statements(bare, language)]
    at = span.start + sum(len(each) + 1 for each in known[: starts[-1] + 1 if starts else 0])
    if missing:
        yield Edit(Span(at, at), "".join(f"{indent_of(first)}{each}\n" for each in missing))


def _statements(lines: Sequence[str], language: str) -> list[str]:
    """The statements in `lines`, without their indentation."""
    text = [line for each in lines for line in normalize_newlines(each).split("\n")]
    text = [line if line[:1] in " \t" and at else line.lstrip() for at, line in enumerate(text)]
    text = [line for line in text if line.strip()]
    if get_language(language).groups_imports:  # models give the paths as they stand in a group
        text = [_as_statement(line) for line in text]
    if text and get_language(language).import_statement is None:
        raise UnusableReply("This language has no import lines that could be added.")
    found = [*find_import_statements(text, language)]
    if sum(each.end - each.first for each in found) != len(text):
        raise UnusableReply("What the reply gives as import lines is something else.")
    parts = (part.strip() for each in found for part in each.text.split(";")[1:])
    if not get_language(language).groups_imports and any(
        part and not [*find_import_statements([part], language)] for part in parts
    ):
        raise UnusableReply("What the reply gives as import lines is more than those.")
    return list(dict.fromkeys(each.text for each in found))


def _constants(lines: Sequence[str], language: str) -> list[str]:
    """The constants among `lines`, such as a logger, which models give beside the imports."""
    if get_language(language).import_statement is None:
        return []
    return [
        line
        for line in lines
        if not [*find_import_statements([line], language)]
        and (found := outline(line, language))
        and all(each.is_value for each in found)
    ]


def _as_statement(line: str) -> str:
    if re.fullmatch(r"\s*[\w.-]+(?:/[\w.-]+)*+\s*", line):
        return f'import "{line.strip()}"'
    return f"import {line.strip()}" if re.fullmatch(rf"\s*{_QUOTED_PATH}", line) else line


def _missing(
    wanted: Iterable[str], known: Sequence[ImportStatement], language: str
) -> Iterator[str]:
    """The statements that are not among `known`, without the names that are imported already."""
    texts = {_folded(each.text) for each in known}
    have = {
        (each.module, name)
        for statement in known
        if not re.search(r"\bas\b", statement.text)
        for each in imports_of(statement.text, language)
        for name in each.names or ("",)
    }
    for text in wanted:
        if _folded(text) not in texts and (needed := _reduced(text, have, language)):
            yield needed


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


def _first_group(
    text: Sequence[str], known: Sequence[ImportStatement], language: str
) -> list[ImportStatement]:
    """The imports up to the first line at the margin that is neither an import nor guards some."""
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


def _line_beside(statement: str, group: Sequence[ImportStatement]) -> int | None:
    """The line after the last import of the same package, else of all; None without any."""
    package = _package(statement)
    same = [each for each in group if package and _package(each.text) == package]
    return next((each.end for each in reversed(same or group)), None)


def _package(statement: str) -> str:
    match = re.match(
        r"(?:from|import|use|using)\s+(?:static\s+)?(\w+)|#\s*include\s*([<\"])", statement
    )
    return (match[1] or match[2]) if match else ""


def _insert_after_preamble(
    text: Text, lines: Sequence[str], new: Sequence[str], language: str
) -> tuple[Edit, ...]:
    at = _end_of_preamble(lines, get_language(language))
    above = [""] if at and lines[at - 1].strip() else []
    below = [""] if at < len(lines) and lines[at].strip() else []
    return _insert(text, at, [*above, *new, *below])


def _end_of_preamble(lines: Sequence[str], language: Language) -> int:
    """The line before which the first import belongs."""
    at = end = 1 if lines and lines[0].startswith("#!") and not lines[0].startswith("#![") else 0
    while at < len(lines):
        after = _after_head(lines, at, language)
        if after > at:
            at = end = after
            continue
        after = _after_comment(lines, at, language)
        if after == at:
            break
        # A comment right above a definition belongs to that.
        if lines[at].strip() and (after >= len(lines) or not lines[after].strip()):
            end = after
        at = after
    return end


def _after_head(lines: Sequence[str], at: int, language: Language) -> int:
    """The line after what must come first and begins in line `at`; `at` if nothing does."""
    if at < 3 and _MAGIC_COMMENT.match(lines[at]):
        return at + 1
    if language.preamble is not None and language.preamble.match(lines[at]):
        return at + 1
    quote = _DOCSTRING.match(lines[at]) if language.has_docstrings else None
    if quote is None:
        return at
    if quote[1] in lines[at][quote.end() :]:
        return at + 1
    closing = (n for n in range(at + 1, len(lines)) if quote[1] in lines[n])
    return next(closing, at - 1) + 1 if len(quote[1]) == 3 else at


def _after_comment(lines: Sequence[str], at: int, language: Language) -> int:
    """The line after the comment, or the blank line, that begins in line `at`; `at` if none."""
    line = lines[at].strip()
    if not line or (language.line_comment and line.startswith(language.line_comment)):
        return at + 1
    if language.block_comment and line.startswith(language.block_comment[0]):
        closing = (n for n in range(at, len(lines)) if language.block_comment[1] in lines[n])
        return next(closing, at - 1) + 1
    return at


def _insert(text: Text, line: int, lines: Sequence[str]) -> tuple[Edit, ...]:
    """New lines before the line with this number, which may be the one after the last."""
    if line < text.line_count:
        at = text.line_start(line)
        return minimal_line_edits(text, Span(at, at), "\n".join(lines) + "\n")
    at = len(text)
    return minimal_line_edits(text, Span(at, at), "\n".join(["", *lines]))


def _joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in rising order; two at one place become one."""
    joined: list[Edit] = []
    for edit in sorted(edits, key=lambda each: each.span.start):
        if joined and joined[-1].span == edit.span:
            edit = Edit(edit.span, joined.pop().text + edit.text)
        joined.append(edit)
    return tuple(joined)
