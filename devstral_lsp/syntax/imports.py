"""Find the import statements of a text, and the modules and names that they import.

Works line by line with the patterns of the language, because a file that is being edited need not
parse. Modules are given as written; `context/import_resolution.py` finds their files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from devstral_lsp.languages import Language, get_language
from devstral_lsp.languages.language import Import
from devstral_lsp.syntax.tree import LexicalContext, Syntax

HEAD = 30_000
"""Code points at the start of a file that are searched for imports."""
MAX_IMPORTS = 60
MAX_LENGTH = 100
"""Maximum lines of one statement."""

_REMARK = re.compile(r"#[^\n]*|//[^\n]*")


def imports_of(text: str, language_id: str) -> tuple[Import, ...]:
    """The imports of a file in order, without repetitions."""
    read = get_language(language_id).read_imports
    return () if read is None else tuple(dict.fromkeys(read(text[:HEAD])))[:MAX_IMPORTS]


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """An import statement, from line `first` to before line `end`."""

    text: str
    first: int
    end: int


def find_import_statements(
    lines: Sequence[str], language: str, is_quoted: Callable[[int], bool] | None = None
) -> Iterator[ImportStatement]:
    """The unindented import statements of a text, in order.

    Ignores indented lines (in a guard for type checkers, or a function) and lines in strings.
    `is_quoted` says whether a line begins in a string or a comment, if the caller knows.
    """
    known = get_language(language)
    if known.import_statement is None:
        return
    is_quoted = is_quoted or _Quoted(lines, language).holds
    at = 0
    while at < len(lines):
        end = _end(lines, at, known, known.import_statement)
        if end > at and not is_quoted(at):
            yield ImportStatement("\n".join(lines[at:end]), at, end)
            at = end
        else:
            at += 1


def _end(lines: Sequence[str], at: int, language: Language, pattern: re.Pattern[str]) -> int:
    """The line after the statement that begins in line `at`; `at` if none does."""
    start = language.import_start
    if not (pattern.match(lines[at]) or (start is not None and start.match(lines[at]))):
        return at
    round_, curly = 0, 0
    for end in range(at + 1, min(at + MAX_LENGTH, len(lines) + 1)):
        line = lines[end - 1]
        bare = _REMARK.sub("", line)
        round_ += bare.count("(") - bare.count(")")
        curly += bare.count("{") - bare.count("}")
        goes_on = _goes_on(lines, at, end)
        if round_ <= 0 and curly <= 0 and not goes_on:
            text = "\n".join(lines[at:end])
            return end if pattern.match(text) and text[0] not in " \t" else at
    return at


def _goes_on(lines: Sequence[str], at: int, end: int) -> bool:
    """Whether the statement continues after the last non-blank line from `at` to before `end`."""
    last = next((lines[n] for n in range(end - 1, at - 1, -1) if lines[n].strip()), "")
    return last.rstrip().endswith(("\\", ","))


class _Quoted:
    """Finds lines that begin in a string or a comment; parses on first use."""

    def __init__(self, lines: Sequence[str], language: str) -> None:
        self._lines = lines
        self._language = language
        self._syntax: Syntax | None = None
        self._is_parsed = False
        self._offsets: list[int] = []

    def holds(self, line: int) -> bool:
        if not self._is_parsed:
            self._syntax = Syntax.of("\n".join(self._lines), self._language)
            self._is_parsed = True
            self._offsets = [*accumulate((len(each) + 1 for each in self._lines), initial=0)]
        at = self._offsets[line]
        return self._syntax is not None and self._syntax.inside(at) is not LexicalContext.CODE
