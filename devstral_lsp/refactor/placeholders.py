r"""Fills placeholders: comments or dots that stand for code which the model left out.

One is replaced by the lines of the original that the lines around it identify, and stays where they
do not. `losses.py` finds them, and judges what is left. Line ends are "\n".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from devstral_lsp.refactor.losses import Comparison

MAX_DISTANCE = 300
"""Lines from a placeholder that are read to find its place."""
_LETTER = re.compile(r"\w")
_TOP, _BOTTOM = "\0top", "\0bottom"
"""Stand for the start and the end of either text."""


def expand_placeholders(code: str, original: str, language: str) -> str:
    """`code` with the lines that its placeholders stand for, where those are certain."""
    comparison = Comparison(original, code, language)
    found = comparison.stand_ins
    if not found:
        return code
    lines, old = code.split("\n"), _OriginalLines(original)
    filled: list[str] = []
    for number, line in enumerate(lines):
        fills = number in found and comparison.is_alone(number)
        there = _lines_for(lines, number, found, old) if fills else None
        filled += [line] if there is None else there
    return "\n".join(filled)


def _lines_for(
    lines: Sequence[str], number: int, found: frozenset[int], original: _OriginalLines
) -> list[str] | None:
    """The original's lines that the placeholder in this line stands for; None if uncertain."""
    old = original.lines
    start = original.place(_run(lines, number, found, -1), -1)
    end = original.place(_run(lines, number, found, 1), 1)
    if start is None or end is None or start > end:
        return None
    if number and not lines[number - 1].strip():
        start = next((at for at in range(start, end) if old[at].strip()), end)
    if not "".join(lines[number + 1 : number + 2]).strip():
        end = next((at + 1 for at in range(end - 1, start - 1, -1) if old[at].strip()), start)
    return old[start:end]


def _run(lines: Sequence[str], number: int, found: frozenset[int], step: int) -> list[str]:
    """The lines from a placeholder, away from it, up to the next one; blank lines left out."""
    run = []
    at = number + step
    while 0 <= at < len(lines) and at not in found:
        if lines[at].strip():
            run.append(lines[at].strip())
        at += step
    return run if at in found else [*run, _TOP if step < 0 else _BOTTOM]


class _OriginalLines:
    """The original's lines, and where each of them stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        filled = [(at, line.strip()) for at, line in enumerate(self.lines) if line.strip()]
        self._filled = [(-1, _TOP), *filled, (len(self.lines), _BOTTOM)]
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, (_, line) in enumerate(self._filled):
            self._numbers[line].append(number)

    def place(self, run: Sequence[str], step: int) -> int | None:
        """Where the lines of a placeholder begin (`step` -1) or end (1); None if not certain.

        Reads as much of `run` as it takes to find a single place, with a line that has words.
        """
        places = self._numbers.get(run[0], []) if run else []
        has_words = False
        for reach, line in enumerate(run[:MAX_DISTANCE]):
            places = [at for at in places if self._is_at(at + step * reach, line)]
            has_words = has_words or line in (_TOP, _BOTTOM) or len(_LETTER.findall(line)) >= 2
            if not places:
                return None
            if len(places) == 1 and has_words:
                at = self._filled[places[0]][0]
                return at + 1 if step < 0 else at
        return None

    def _is_at(self, number: int, line: str) -> bool:
        return 0 <= number < len(self._filled) and self._filled[number][1] == line
