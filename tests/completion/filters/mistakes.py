"""What models do to a right answer: each mistake is made on purpose, the filters must undo it."""

from __future__ import annotations

from collections.abc import Iterator

from devstral_lsp.completion.types import CompletionKind
from tests.completion.filters.holes import Hole

RUN_ON_LINES = 3
_LOOP = "again(x)\n" * 8


def mistakes(hole: Hole) -> Iterator[tuple[str, str]]:
    """The name of each mistake that can be made at `hole`, and the answer with it."""
    place, middle = hole.place, hole.middle
    yield "control token", middle + "</s>[PREFIX]import os"
    if "\n" in middle:
        yield "line ends", middle.replace("\n", "\r\n")
    if "\n" in middle and "\n\t" in place.before:
        yield "spaces for tabs", middle.replace("\t", "    ")
    started = place.line_before.lstrip()
    if len(started) > 3 and started[-1] not in ", " and not middle.startswith("\n"):
        yield "line started again", started + middle
    if hole.kind is CompletionKind.STATEMENT:
        yield from _of_a_statement(hole)
    if hole.kind is not CompletionKind.REST_OF_LINE:
        yield "loop", f"{middle}\n{_LOOP}"
        held = middle.lstrip("\n")
        yield "fence", f"```{place.language.name}\n{held}\n```\nThis code does it."
        below = [n for n, line in enumerate(place.after.split("\n")[1:], 2) if line.strip()]
        for count in below[:RUN_ON_LINES]:
            if len(place.after.split("\n")[count - 1].strip()) > 5:
                yield "run on", middle + "\n".join(place.after.split("\n")[:count])


def _of_a_statement(hole: Hole) -> Iterator[tuple[str, str]]:
    place, middle = hole.place, hole.middle
    yield "indented twice", place.indentation + middle
    above = [line.strip() for line in place.before.split("\n")[:-1] if line.strip()][-1:]
    if above and len(above[0]) > 10:
        yield "line above again", f"{above[0]}\n{place.line_before}{middle}"
    first, *rest = middle.split("\n")
    if rest and place.indentation and all(line.startswith(place.indentation) for line in rest):
        shifted = [line.removeprefix(place.indentation) for line in rest]
        yield "from column 0", "\n".join([first, *shifted])
