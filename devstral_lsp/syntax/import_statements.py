"""Import statements at the margin of a text, by language: where they begin and end.

Line by line, since the text may not parse. What is indented (a guard for type checkers, a function
of its own) or stands in a string does not count. Knows no module names: see `context/import_lines`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from devstral_lsp.languages import get_language
from devstral_lsp.syntax.tree import LexicalContext, Syntax

LONGEST = 100
"""Lines of one statement."""

_JS = re.compile(
    r"import\b(?!\s*\()[^;]*['\"][^'\"\n]+['\"]|(?:const|let|var)\b[^;=]*=\s*require\(['\"][^'\"\n]+"
)
_REMARK = re.compile(r"#[^\n]*|//[^\n]*")
_WORD = r"import\s+[\w.*]"
_BEGINNING = re.compile(r"[ \t]*(?:import|const|let|var)\b")
_STATEMENTS: dict[str, re.Pattern[str]] = {
    "python": re.compile(r"(?:import\s+[\w.]|from\s+[\w.]+\s+import\b)"),
    "javascript": _JS,
    "typescript": _JS,
    "go": re.compile(r"import\s*+(?:\(|[\w.]*+\s*+[\"`])"),
    "rust": re.compile(r"(?:pub(?:\([^)]*\))?\s+)?use\s+[\w:{]|extern\s+crate\s"),
    "java": re.compile(r"import\s+(?:static\s+)?[\w.*]+\s*;"),
    "c": re.compile(r"#\s*include\s*[<\"]"),
    "cpp": re.compile(r"#\s*include\s*[<\"]|using\s+(?:namespace\s+)?[\w:]+\s*;"),
    "csharp": re.compile(
        r"(?:global\s+)?using\s+(?:static\s+)?[\w.]+(?:\s*=\s*+[\w.<>, ]++)?\s*+;"
    ),
    "php": re.compile(r"use\s++[^(;]++;|(?:require|include)(?:_once)?\b"),
    "ruby": re.compile(r"require(?:_relative)?[\s(]"),
    "lua": re.compile(r"local\s+\w+\s*=\s*require\b"),
    "shellscript": re.compile(r"(?:source|\.)\s+\S"),
    "kotlin": re.compile(_WORD),
    "swift": re.compile(_WORD),
    "scala": re.compile(_WORD),
    "dart": re.compile(r"import\s+['\"]"),
    "haskell": re.compile(r"import\s+(?:qualified\s+)?[A-Z]"),
}


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """An import statement, and its lines: from `first` to before `end`."""

    text: str
    first: int
    end: int


def knows_imports(language: str) -> bool:
    """Whether this language has import statements that are known here."""
    return get_language(language).name in _STATEMENTS


def find_import_statements(
    lines: Sequence[str], language: str, is_quoted: Callable[[int], bool] | None = None
) -> Iterator[ImportStatement]:
    """The import statements at the margin of a text, in their order.

    `is_quoted` tells whether a line begins in a string or a comment, where that is known already.
    """
    pattern = _STATEMENTS.get(get_language(language).name)
    if pattern is None:
        return
    is_quoted = is_quoted or _Quoted(lines, language).holds
    at = 0
    while at < len(lines):
        end = _end(lines, at, pattern)
        if end > at and not is_quoted(at):
            yield ImportStatement("\n".join(lines[at:end]), at, end)
            at = end
        else:
            at += 1


def _end(lines: Sequence[str], at: int, pattern: re.Pattern[str]) -> int:
    """The line after the statement that begins in line `at`; `at` where none does."""
    text = lines[at]
    if not (pattern.match(text) or (pattern is _JS and _BEGINNING.match(text) and "{" in text)):
        return at
    round_, curly = 0, 0
    for end in range(at + 1, min(at + LONGEST, len(lines) + 1)):
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
    """Whether the last line that is not blank, of those from `at` to before `end`, goes on."""
    last = next((lines[n] for n in range(end - 1, at - 1, -1) if lines[n].strip()), "")
    return last.rstrip().endswith(("\\", ","))


class _Quoted:
    """Which lines begin in a string or a comment; parses only where there is an import to judge."""

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
