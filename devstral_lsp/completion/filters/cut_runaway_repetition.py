"""Small models and greedy decoding run into loops that only the token limit ends."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.request import Draft, Place

_SAME_LINES = 4
_SAME_GROUPS = 3
_LONGEST_GROUP = 6
_UNIT_LENGTHS = range(2, 61)
_SHORT_UNIT = 10
_NESTING = ("(", "[")
_WORD = re.compile(r"[A-Za-z]{2}")


def cut_runaway_repetition(draft: Draft, place: Place) -> Draft | None:
    """Keep one of a line said four times, of a group of lines said thrice, of a looping end.

    Rows of figures and rules of dashes repeat for good reasons.

    Before: `│` + `step()⏎wait(1)⏎wait(1)⏎wait(1)⏎wait(1)`
    After:  `step()⏎wait(1)`

    Before: `greeting = "│"` + `very very very very very very very`
    After:  `very`
    """
    cut = reading.shorten(draft, _end_of_first_round(draft.text))
    if cut is None or (end := _end_of_first_unit(cut.text)) == len(cut.text):
        return cut
    line = cut.text.rfind("\n", 0, end)
    # Calls within calls without an end: no part of such a line is worth keeping.
    left = brackets.open_at_line_ends(cut.text[line + 1 : end], place.language)[-1]
    is_nested = left.endswith(_NESTING)
    return reading.shorten(cut, line if is_nested and cut.text[: max(0, line)].strip() else end)


def _end_of_first_round(text: str) -> int:
    starts = reading.line_starts(text)
    lines = [line.strip() for line in text.split("\n")]
    for first in range(len(lines)):
        for size in range(1, min(_LONGEST_GROUP, (len(lines) - first) // 3) + 1):
            if lines[first] == lines[first + size] and _repeats(lines, first, size):
                return starts[first + size] - 1
    return len(text)


def _repeats(lines: list[str], first: int, size: int) -> bool:
    group = lines[first : first + size]
    rounds = _SAME_LINES if size == 1 else _SAME_GROUPS
    return lines[first : first + size * rounds] == group * rounds and any(
        _WORD.search(line) for line in group
    )


def _end_of_first_unit(text: str) -> int:
    """The end of the first of many equal pieces that the text ends with."""
    said = text.rstrip()
    for size in _UNIT_LENGTHS:
        unit = said[-size:]
        rounds = 6 if size < _SHORT_UNIT else 4
        if said.endswith(unit * rounds) and _WORD.search(unit):
            start = len(said) - size * rounds
            while said.startswith(unit, start - size) and start >= size:
                start -= size
            return start if said[:start].endswith(unit.strip()) else start + size
    return len(text)
