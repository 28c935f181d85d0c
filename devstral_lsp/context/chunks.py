"""Split a text into chunks that can be compared with the text around a cursor.

Chunks end at a blank line followed by an unindented line, so an edit moves only the borders near
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devstral_lsp.context.identifiers import identifiers

MIN_LENGTH = 3
LONG_ENOUGH = 12
"""Lines after which any blank line ends a chunk."""
MAX_LENGTH = 32


@dataclass(frozen=True, slots=True)
class CodeWindow:
    """Lines of a text; `line` is the number of the first one, counted from 0."""

    line: int
    text: str
    words: frozenset[str]


def split_chunks(
    text: str, line: int = 0, known: Mapping[str, CodeWindow] | None = None
) -> list[CodeWindow]:
    """Split `text`, which has "\\n" line ends and begins at `line` of its document.

    `known` are the chunks of the previous text; equal ones are reused.
    """
    known = known or {}
    found = []
    for first, lines in _cut(text.split("\n")):
        piece = "\n".join(lines).strip("\n")
        if not piece.strip():
            continue
        same = known.get(piece)
        words = same.words if same is not None else identifiers(piece)
        blank = next(at for at, each in enumerate(lines) if each)
        found.append(CodeWindow(line + first + blank, piece, words))
    return found


def _cut(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    start = 0
    for at in range(1, len(lines)):
        length = at - start
        if length < MIN_LENGTH:
            continue
        after_blank = not lines[at - 1].strip() and bool(lines[at].strip())
        at_margin = not lines[at][:1].isspace()
        if length >= MAX_LENGTH or (after_blank and (at_margin or length >= LONG_ENOUGH)):
            yield start, lines[start:at]
            start = at
    yield start, lines[start:]
