"""Where the holes are: spans of real code, found by syntax and picked by a seed.

    rest of line   from anywhere in a line of code to its end
    statement      a simple statement with all its lines, the indentation before it left standing
    block          what stands in a function, loop or branch, the line that opens it left standing

Python's statements come from its own parser; in other languages a statement is a line of code and
the lines that its brackets span, and a block is what stands deeper below a line that opens one.
Knows no model.
"""

from __future__ import annotations

import ast
import random
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from benchmarks.holes.corpus import SourceFile
from benchmarks.local_places import code_lines
from devstral_lsp.completion.request_kind import indent_width, opens_block
from devstral_lsp.completion.types import CompletionKind
from devstral_lsp.languages import get_language

STATEMENT_LINES = 8
BLOCK_LINES = (2, 12)
"""The engine shows at most twelve lines, so a longer block could never be found whole."""

_GOES_ON = tuple(",([=+-*/%\\&|?<.")
"""A line that ends so is finished by the next one."""


@dataclass(frozen=True, slots=True)
class Hole:
    """`text[start:end]` of a file, in code points, is cut out and asked for."""

    file: SourceFile
    kind: CompletionKind
    start: int
    end: int

    @property
    def truth(self) -> str:
        return self.file.text[self.start : self.end]

    @property
    def before(self) -> str:
        return self.file.text[: self.start]

    @property
    def after(self) -> str:
        return self.file.text[self.end :]

    @property
    def line(self) -> int:
        """The line of the cursor, counted from 1."""
        return self.file.text.count("\n", 0, self.start) + 1


Span = tuple[int, int]


def pick(
    files: Sequence[SourceFile],
    count: int,
    seed: int,
    kinds: Sequence[CompletionKind] = tuple(CompletionKind),
) -> list[Hole]:
    """`count` holes, evenly over languages and kinds, the same for the same seed and files.

    The files of a language take turns, so that no file gives a second hole before all gave one.
    Fewer are given where the files have no more.
    """
    turns = {language: _Turns(files, language, seed) for language in _languages(files)}
    wanted = [(turns[language], kind) for kind in kinds for language in turns]
    holes: list[Hole] = []
    while wanted and len(holes) < count:
        taken, kind = wanted.pop(0)
        hole = taken.next_hole(kind)
        if hole is not None:
            holes.append(hole)
            wanted.append((taken, kind))
    return holes


class _Turns:
    """The files of one language, and what is left in each."""

    def __init__(self, files: Sequence[SourceFile], language: str, seed: int) -> None:
        self._files = [file for file in files if file.language == language]
        self._rng = random.Random(f"{seed} {language}")
        self._rng.shuffle(self._files)
        self._left: dict[tuple[str, CompletionKind], list[Span]] = {}

    def next_hole(self, kind: CompletionKind) -> Hole | None:
        """A hole in the first file in turn that has one, which then goes to the end."""
        for index, file in enumerate(self._files):
            spans = self._spans(file, kind)
            if spans:
                self._files.append(self._files.pop(index))
                return Hole(file, kind, *spans.pop())
        return None

    def _spans(self, file: SourceFile, kind: CompletionKind) -> list[Span]:
        known = (str(file.path), kind)
        if known not in self._left:
            spans = sorted(_FINDERS[kind](_Code(file), self._rng))
            self._rng.shuffle(spans)
            self._left[known] = spans
        return self._left[known]


class _Code:
    """A file as rows (from 0) and where they start."""

    def __init__(self, file: SourceFile) -> None:
        self.text = file.text
        self.language = get_language(file.language)
        self.lines = file.text.split("\n")
        self.rows = code_lines(file.path.name, file.text)
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, first: int, last: int) -> Span:
        """From the first visible character of row `first` to the last one of row `last`."""
        return self.at(first, self.blanks(first)), self.at(last, len(self.lines[last].rstrip()))

    def at(self, row: int, column: int) -> int:
        return self._starts[row] + column

    def blanks(self, row: int) -> int:
        return len(self.lines[row]) - len(self.lines[row].lstrip())


def _rests_of_lines(code: _Code, rng: random.Random) -> Iterator[Span]:
    for row in code.rows:
        length = len(code.lines[row].rstrip())
        column = rng.randrange(code.blanks(row) + 1, length)
        if code.lines[row][column:length].strip():
            yield code.at(row, column), code.at(row, length)


def _statements(code: _Code, _: random.Random) -> Iterator[Span]:
    found = _python_statements(code) if code.language.name == "python" else _bracketed_lines(code)
    rows = set(code.rows)
    for first, last in found:
        if first in rows and last - first < STATEMENT_LINES:
            yield code.span(first, last)


def _python_statements(code: _Code) -> Iterator[tuple[int, int]]:
    """First and last row of each statement without a body that has its rows to itself."""
    for node in _python_nodes(code.text):
        if not isinstance(node, ast.stmt) or hasattr(node, "body") or hasattr(node, "cases"):
            continue
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        tail = code.lines[last].encode()[node.end_col_offset or 0 :]
        if node.col_offset == code.blanks(first) and not tail.strip():
            yield first, last


def _python_nodes(text: str) -> list[ast.AST]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError):
            return []


def _bracketed_lines(code: _Code) -> Iterator[tuple[int, int]]:
    for row in code.rows:
        line = code.lines[row].strip()
        above = code.lines[row - 1].rstrip() if row else ""
        if line[0] in ")]}<#@" or above.endswith(_GOES_ON) or opens_block(line, code.language):
            continue
        last = _closed_on(code.lines, row)
        if last is not None and not code.lines[last].rstrip().endswith(_GOES_ON):
            yield row, last


def _closed_on(lines: Sequence[str], first: int) -> int | None:
    """The row on which the brackets opened since `first` are closed again."""
    depth = 0
    for row in range(first, min(first + STATEMENT_LINES, len(lines))):
        depth += sum(lines[row].count(c) for c in "([{") - sum(lines[row].count(c) for c in ")]}")
        if depth <= 0:
            return row if depth == 0 else None
    return None


def _blocks(code: _Code, _: random.Random) -> Iterator[Span]:
    ends = code.language.block_start_token or "{"
    rows = set(code.rows)
    low, high = BLOCK_LINES
    for row in code.rows:
        line = code.lines[row]
        by_words = bool(code.language.block_end_keywords) and opens_block(line, code.language)
        if not (line.rstrip().endswith(ends) or by_words) or row + 1 not in rows:
            continue
        last = _last_deeper(code.lines, row)
        if low <= last - row <= high:
            yield code.span(row + 1, last)


def _last_deeper(lines: Sequence[str], opener: int) -> int:
    """The last row of what stands deeper below `opener`; `opener` itself if nothing does."""
    last = opener
    for row in range(opener + 1, len(lines)):
        if not lines[row].strip():
            continue
        if indent_width(lines[row]) <= indent_width(lines[opener]):
            break
        last = row
    return last


_FINDERS: Mapping[CompletionKind, Callable[[_Code, random.Random], Iterator[Span]]] = (
    MappingProxyType(
        {
            CompletionKind.REST_OF_LINE: _rests_of_lines,
            CompletionKind.STATEMENT: _statements,
            CompletionKind.BLOCK: _blocks,
        }
    )
)


def _languages(files: Sequence[SourceFile]) -> list[str]:
    return sorted({file.language for file in files})
