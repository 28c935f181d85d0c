"""Cut a part that parses by itself out of a document, by its lines.

The part extends between lines at the outer level. If these are far away, it is cut and wrapped in
the language's `enclosing_block`.
"""

from __future__ import annotations

import re

from devstral_lsp.languages import Language
from devstral_lsp.text import Span, Text, normalize_newlines

MAX_LINES_AROUND = 300
"""Lines above and below the position: about 3 ms of parsing together."""
_CLOSES = re.compile(r"[\])}>]|(?:end|else|elif|except|finally|catch|fi|done|esac|until|rescue)\b")
_LEADS_ON = re.compile(r"\s*(?:@|#|//|/?\*|--|\[|<!--)")
"""Comments, decorators and attributes, which belong to the following line."""
_IN_MARGIN = re.compile(r"[{#]|//|/?\*|--")
_DEFINES = re.compile(
    r"\s*(?:@|(?:async|def|class|pub|fn|function|func|public|private|protected|internal|static)\b)"
)


class ParseFragment:
    """A part of a document with an invented start, and the mapping of its bytes and offsets."""

    def __init__(self, string: str, start: int, lead: str, *, is_cut: bool) -> None:
        self.string = lead + string
        self.source = self.string.encode("utf-8", "replace")
        self._start = start
        self._origin = start - len(lead)
        self._end = start + len(string.rstrip()) if is_cut else start + len(string) + 1
        self._is_ascii = len(self.source) == len(self.string)

    def holds(self, span: Span) -> bool:
        """Whether all of `span` is in the document and in the part."""
        return self._start <= span.start and span.end < self._end

    def slice(self, span: Span) -> str:
        return self.string[span.start - self._origin : span.end - self._origin]

    def byte(self, offset: int) -> int:
        at = max(0, offset - self._origin)
        return at if self._is_ascii else len(self.string[:at].encode("utf-8", "replace"))

    def offset(self, byte: int) -> int:
        if self._is_ascii:
            return self._origin + byte
        return self._origin + len(self.source[:byte].decode("utf-8", "replace"))


def extract_fragment(
    text: Text, first: int, last: int, language: Language, *, wide: bool = False
) -> ParseFragment:
    """The lines around `first` to `last`, between lines at the outer level.

    If `wide`, between definitions, as far down as the limit allows: for a text whose strings
    contain lines at the outer level.
    """
    highest = max(0, first - MAX_LINES_AROUND)
    lowest = min(text.line_count - 1, last + MAX_LINES_AROUND)
    while last < lowest and _LEADS_ON.match(text.line(last)):
        last += 1
    above = _lines(text, highest, first)
    below = _lines(text, last + 1, lowest) if last < lowest else []
    level = _level(above)
    top = highest + _least_indented(above) if wide else first - _height(above, level)
    bottom = lowest if wide else last + _depth(below, level)
    start = text.line_start(top)
    string = text.slice(start, text.line_end(bottom))
    is_cut = bottom == lowest and lowest < text.line_count - 1
    return ParseFragment(string, start, _lead(string, language), is_cut=is_cut)


def _lead(string: str, language: Language) -> str:
    if _is_indented(string):
        return language.enclosing_block
    return language.opening_tag if language.opening_tag[:2] not in string else ""


def _lines(text: Text, first: int, last: int) -> list[str]:
    string = text.slice(text.line_start(first), text.line_end(last))
    return normalize_newlines(string).split("\n")


def _level(lines: list[str]) -> int:
    """The indentation of the lines at which the part starts and ends.

    The outer level, if a line above has it. Otherwise, within a large class, that of its methods;
    the class is then not found.
    """
    if any(_opens(line, 0) for line in lines):
        return 0
    return _indent(lines[_least_indented(lines)])


def _height(lines: list[str], level: int) -> int:
    """The number of lines above that belong to the part.

    The part begins with the last opener at the level, and the decorators, documentation and
    attributes right above it.
    """
    at = len(lines) - 1
    while at > 0 and not _opens(lines[at], level):
        at -= 1
    while at > 0 and _is_at(lines[at - 1], level) and not _CLOSES.match(lines[at - 1].lstrip()):
        at -= 1
    return len(lines) - 1 - at


def _least_indented(lines: list[str]) -> int:
    """The first line of the part, if no line is at the outer level.

    The first definition, if there is one: another line may be in a string.
    """
    indents = [
        (_indent(line), not _DEFINES.match(line), at)
        for at, line in enumerate(lines)
        if _opens(line, len(line))
    ]
    return min(indents, default=(0, True, 0))[2]


def _depth(lines: list[str], level: int) -> int:
    """The number of lines below that belong to the part: all before the next opener.

    Comments and preprocessor lines may be unindented in any block.
    """
    for at, line in enumerate(lines):
        if _opens(line, level):
            return at
    return len(lines)


def _opens(line: str, level: int) -> bool:
    """Whether a line at the level or left of it must be the start of something."""
    if not _is_at(line, level):
        return False
    code = line.lstrip()
    return not _CLOSES.match(code) and not _IN_MARGIN.match(code)


def _is_at(line: str, level: int) -> bool:
    return bool(line[: level + 1].strip())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_indented(string: str) -> bool:
    first = string.lstrip("\r\n")
    return bool(first) and first[0] in " \t"
