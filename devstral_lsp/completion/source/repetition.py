"""Find the end of the first round of a text that repeats itself."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft

_SAME_LINES = 4
_SAME_GROUPS = 3
_MAX_GROUP_LENGTH = 6
_UNIT_LENGTHS = range(2, 61)
_SHORT_UNIT = 10
_SENTENCES = 3
"""Sentences that start alike; two are common in ordinary comments."""
_WORDS = 3
"""Words at their start that two sentences must share."""
_BOUNDARY = re.compile(r"[.!?][ \t]+")
_WORD = re.compile(r"[A-Za-z]{2}")


def first_cycle_end(text: str) -> int:
    """The end of the first of several equal groups of lines.

    Nested lines, such as `</div>` in different columns, are no repetition.
    """
    starts = reading.line_starts(text)
    lines = [line.rstrip() for line in text.split("\n")]
    for first in range(len(lines)):
        for size in range(1, min(_MAX_GROUP_LENGTH, (len(lines) - first) // 3) + 1):
            again = lines[first + size]
            if not first and lines[0].strip() == again.strip():
                lines[0] = again  # the cursor's line is indented already
            if lines[first] == again and _repeats(lines, first, size):
                return starts[first + size] - 1
    return len(text)


def _repeats(lines: list[str], first: int, size: int) -> bool:
    group = lines[first : first + size]
    rounds = _SAME_LINES if size == 1 else _SAME_GROUPS
    return lines[first : first + size * rounds] == group * rounds and any(
        _WORD.search(line) for line in group
    )


def first_unit_end(text: str) -> int:
    """The end of the first of many equal pieces at the end of `text`."""
    said = text.rstrip()
    for size in _UNIT_LENGTHS:
        unit = said[-size:]
        rounds = 6 if size < _SHORT_UNIT else 4
        if said.endswith(unit * rounds) and _WORD.search(unit):
            start = len(said) - size * rounds
            while start > 0 and said[start - 1] == said[start - 1 + size]:
                start -= 1
            return (
                start if said[:start].endswith(unit.strip()) else len(said[: start + size].rstrip())
            )
    return len(text)


def end_of_first_remark(draft: Draft, place: CursorContext) -> int:
    """The end of the first of three sentences that start alike in a comment to the end of a line.

    The draft's length if there is no such comment.
    """
    marker = place.language.line_comment
    if not marker or len(_BOUNDARY.findall(draft.text)) < _SENTENCES - 1:
        return len(draft.text)
    text, offset = brackets.joined(draft, place)
    for aside in brackets.scan(text, place.language).asides:
        start = max(aside.start, offset)
        if aside.opener == marker and start < aside.end:
            end = _end_before_repetition(text[start : aside.end])
            if end is not None:
                return start + end - offset
    return len(draft.text)


def _end_before_repetition(remark: str) -> int | None:
    starts = [0, *(match.end() for match in _BOUNDARY.finditer(remark))]
    alike: dict[tuple[str, ...], list[int]] = {}
    for start, end in zip(starts, [*starts[1:], len(remark)], strict=True):
        words = tuple(re.findall(r"\w+", remark[start:end].lower())[:_WORDS])
        said = alike.setdefault(words, [])
        said.append(start)
        if len(words) == _WORDS and len(said) == _SENTENCES:
            return len(remark[: said[1]].rstrip())
    return None
