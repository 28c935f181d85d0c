"""A text cut into pieces that can be compared with what stands around a cursor.

The borders come from the text itself (a blank line, then something at the margin), so an edit moves
those around it and no others. Knows no document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devstral_lsp.context.identifiers import identifiers

SHORTEST = 3
LONG_ENOUGH = 12
"""Lines after which any blank line ends a chunk."""
LONGEST = 32


@dataclass(frozen=True, slots=True)
class CodeWindow:
    """Some lines of a text; `line` is the first one, counted from 0."""

    line: int
    text: str
    words: frozenset[str]


def chunks_of(
    text: str, line: int = 0, known: Mapping[str, CodeWindow] | None = None
) -> list[CodeWindow]:
    """The chunks of `text`, which has "\\n" line ends, and begins at `line` of its document.

    `known` are those of the text before.
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
        if length < SHORTEST:
            continue
        after_blank = not lines[at - 1].strip() and bool(lines[at].strip())
        at_margin = not lines[at][:1].isspace()
        if length >= LONGEST or (after_blank and (at_margin or length >= LONG_ENOUGH)):
            yield start, lines[start:at]
            start = at
    yield start, lines[start:]
