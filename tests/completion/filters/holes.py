"""Holes in real source text: what stood there is the right answer, and must pass the filters."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.completion.request_kind import indent_width
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft

MAX_BLOCK_LENGTH = 12
PER_LINE = 3
"""Holes of one kind that begin on one line, at most."""

_BOUNDARY = re.compile(r"(?<=\w)\b(?=\W)|(?<=[(\[{.,= ])(?=[\w\"'(\[{])")
_CLOSING_END = re.compile(r"[)\]};:,\"']+$")
_VISIBLE = 3


@dataclass(frozen=True)
class Hole:
    """A place, and what stood at it."""

    place: CursorContext
    kind: CompletionKind
    middle: str

    @property
    def draft(self) -> Draft:
        return Draft(text=self.middle, kind=self.kind)


def holes(source: str, language_id: str, share: float = 1.0, seed: int = 0) -> Iterator[Hole]:
    """The holes that begin on a `share` of the lines: rests of lines, parts, statements, blocks.

    What an editor closes by itself stays behind the cursor in some of them.
    """
    chosen = random.Random(seed)
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for number in chosen.sample(range(len(lines)), int(len(lines) * share)):
        for kind, first, last, end in _spans(lines, number, chosen):
            start, stop = starts[number] + first, starts[last] + end
            middle = source[start:stop]
            if len("".join(middle.split())) >= _VISIBLE:
                place = CursorContext(
                    before=source[:start], after=source[stop:], language_id=language_id
                )
                yield Hole(place, kind, middle)


def _spans(
    lines: list[str], number: int, chosen: random.Random
) -> Iterator[tuple[CompletionKind, int, int, int]]:
    """Kind, first column, last line and its column of the holes that begin on a line."""
    line = lines[number].rstrip()
    ends = [match.start() for match in _BOUNDARY.finditer(line)]
    for start in chosen.sample(ends, min(PER_LINE, len(ends))):
        yield CompletionKind.REST_OF_LINE, start, number, len(line)
        closing = _CLOSING_END.search(line)
        if closing and start < closing.start() and line[start - 1] in "([{\"'":
            yield CompletionKind.REST_OF_LINE, start, number, closing.start()
    if (last := _statement_end(lines, number)) is not None:
        first = len(line) - len(line.lstrip())
        yield CompletionKind.STATEMENT, first, last, len(lines[last].rstrip())
    if (last := _block_end(lines, number)) is not None:
        yield CompletionKind.BLOCK, len(line), last, len(lines[last].rstrip())


def _statement_end(lines: list[str], number: int) -> int | None:
    """The line that closes what a line opens, by counting; None if that leads nowhere."""
    depth = 0
    for at in range(number, min(len(lines), number + MAX_BLOCK_LENGTH)):
        depth += sum(lines[at].count(c) for c in "([{") - sum(lines[at].count(c) for c in ")]}")
        if depth <= 0:
            return at if depth == 0 and re.search(r"\w", lines[number]) else None
    return None


def _block_end(lines: list[str], number: int) -> int | None:
    """The last line that stands deeper than a line, if such lines follow it."""
    outer, end = indent_width(lines[number]), number + 1
    while end < len(lines) and (not lines[end].strip() or indent_width(lines[end]) > outer):
        end += 1
    while not lines[end - 1].strip() and end > number:
        end -= 1
    wide = 1 < end - number <= MAX_BLOCK_LENGTH + 1
    return end - 1 if lines[number].strip() and wide else None
