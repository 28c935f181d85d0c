"""Holes in real source text: what stood there is the right answer, and must pass the filters."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.completion.kind import indent_width
from devstral_lsp.completion.request import Draft, Kind, Place

LONGEST_BLOCK = 12
_BOUNDARY = re.compile(r"(?<=\w)\b(?=\W)|(?<=[(\[{.,= ])(?=[\w\"'(\[{])")
_VISIBLE = 3


@dataclass(frozen=True)
class Hole:
    """A place, and what stood at it."""

    place: Place
    kind: Kind
    middle: str

    @property
    def draft(self) -> Draft:
        return Draft(text=self.middle, kind=self.kind)


def holes(source: str, language_id: str, count: int, seed: int = 0) -> Iterator[Hole]:
    """`count` holes of each kind, at random lines; fewer if the source is short."""
    chosen = random.Random(seed)
    lines = source.expandtabs().split("\n") if language_id == "yaml" else source.split("\n")
    for kind, reach in _REACHES.items():
        for number in chosen.sample(range(len(lines)), min(count, len(lines))):
            span = reach(lines, number, chosen)
            if span is None:
                continue
            start, end = span
            before = "\n".join(lines[:number]) + "\n" * (number > 0)
            head, body = before + lines[number][:start], "\n".join(lines[number:end])[start:]
            after = "".join("\n" + line for line in lines[end:])
            if len("".join(body.split())) >= _VISIBLE:
                yield Hole(
                    Place(before=head, after=after, language_id=language_id), kind, body.rstrip()
                )


def _rest_of_line(lines: list[str], number: int, chosen: random.Random) -> tuple[int, int] | None:
    ends = [match.start() for match in _BOUNDARY.finditer(lines[number])]
    return (chosen.choice(ends), number + 1) if ends else None


def _statement(lines: list[str], number: int, _: random.Random) -> tuple[int, int] | None:
    line = lines[number]
    if not re.search(r"\w", line):
        return None
    end, depth = number, 0
    while end < len(lines) and end - number < LONGEST_BLOCK:
        depth += sum(lines[end].count(c) for c in "([{") - sum(lines[end].count(c) for c in ")]}")
        end += 1
        if depth <= 0:
            return (
                (indent_width(line) and len(line) - len(line.lstrip()), end) if not depth else None
            )
    return None


def _block(lines: list[str], number: int, chosen: random.Random) -> tuple[int, int] | None:
    """Everything that stands deeper than a line, from the end of that line."""
    outer, end = indent_width(lines[number]), number + 1
    if not lines[number].strip():
        return None
    while end < len(lines) and (not lines[end].strip() or indent_width(lines[end]) > outer):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    if not 1 < end - number <= LONGEST_BLOCK + 1:
        return None
    return len(lines[number].rstrip()), end


_REACHES = {
    Kind.REST_OF_LINE: _rest_of_line,
    Kind.STATEMENT: _statement,
    Kind.BLOCK: _block,
}
