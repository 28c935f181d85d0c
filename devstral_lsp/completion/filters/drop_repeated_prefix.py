"""Instead of continuing at the cursor, models restart at the line's start or some lines above."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft

_LINES_RETYPED = 6
_CHAIN_LENGTH = 200
_LONE_LINE = 10
"""A single line that equals the one above is a repetition from this length on."""

_WORD = re.compile(r"[A-Za-z_]{2}")
_CHAIN = re.compile(r"(?<![\w.>:)\]])(?:self|this|std|super|[A-Za-z_]\w{3,})(?:\.|->|::)$")
_MAY_DOUBLE = re.compile(r"(?:long|very|not|await|else)\s|[^=({\[:]*,\s*|<[^<>]*>\s*|[\W\d_]*")


def drop_repeated_prefix(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop what the draft retypes of the cursor's line or of the lines above it.

    Before: `    total = │` + `total = a + b`
    After:  `a + b`

    Before: `    width = read()⏎    │` + `width = read()⏎    height = read()`
    After:  `height = read()`
    """
    text = draft.text
    while (rest := _without_retyped(text, place)) != text:
        text = rest
    return reading.rewrite(draft, text)


def is_starting_over(text: str, place: CursorContext) -> bool:
    """Whether the finished lines of `text` are some of those above, of which more may follow."""
    above = [line.strip() for line in reading.lines_above(place)[-_LINES_RETYPED:]]
    *lines, coming = text.split("\n")
    said = [line.strip() for line in lines if line.strip()]
    if not said or (above[-len(said) :] == said and coming.strip()):
        return False
    starts = range(len(above) - len(said) + 1)
    return any(above[i : i + len(said)] == said for i in starts)


def _without_retyped(text: str, place: CursorContext) -> str:
    above = [line.strip() for line in reading.lines_above(place)[-_LINES_RETYPED:]]
    start = place.line_before.lstrip()
    for count in range(len(above), 0, -1):
        rest = _after_lines(text, above[-count:], start)
        if rest is not None and (count > 1 or len(above[-1]) >= _LONE_LINE or start):
            return rest
    said = text.lstrip(" \t")
    if len(start.strip()) >= 3 and said.startswith(start) and not _MAY_DOUBLE.fullmatch(start):
        rest = said[len(start) :]
        may_be_another = rest[:1].isidentifier() or start.isidentifier()
        return text if said != text and start[-1:].isalnum() and may_be_another else rest
    chain = _CHAIN.search(place.line_before[-_CHAIN_LENGTH:])
    return text[len(chain.group()) :] if chain and text.startswith(chain.group()) else text


def _after_lines(text: str, lines: list[str], start: str) -> str | None:
    """What follows `lines` and then `start` in `text`; None if they do not lead."""
    said = text.lstrip(" \t\n").split("\n")
    if [line.strip() for line in said[: len(lines)]] != lines or not _WORD.search("".join(lines)):
        return None
    rest = "\n".join(said[len(lines) :]).lstrip(" \t")
    return rest[len(start) :] if rest.startswith(start) else None
