"""When a stream has said enough, and how much of it makes one suggestion.

An answer is read line by line as it comes. `first_suggestion` is the first piece that makes sense
on its own: the rest of a line, a statement with its open brackets closed, a block to the end of its
scope; it may be shown as soon as it is complete. `should_stop` is when the rest may be left unsaid:
a few lines beyond the unit are worth keeping for the place where accepting it leads. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from devstral_lsp.completion.extent.ground import Ground
from devstral_lsp.completion.extent.lines import LineReader
from devstral_lsp.completion.extent.unit import Reader
from devstral_lsp.completion.filters.align_to_cursor import align_to_cursor
from devstral_lsp.completion.filters.cut_control_tokens import cut_control_tokens
from devstral_lsp.completion.filters.cut_prose import is_introduction
from devstral_lsp.completion.filters.drop_leading_newline import drop_leading_newline
from devstral_lsp.completion.filters.drop_repeated_prefix import (
    drop_repeated_prefix,
    is_starting_over,
)
from devstral_lsp.completion.filters.shift_left import shift_left
from devstral_lsp.completion.request_kind import (
    indent_width,
    is_value_within_line,
    line_above,
    only_closes_after,
    opens_block,
)
from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.source.fences import is_fence, is_own
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft

MAX_LINES = 60
"""A text that has come to no end by then is listened to no longer."""

MAX_COMING = 1_000
"""Code points of a line that is still coming; a longer one tells nothing new before it ends."""

AHEAD_LINES = 4
"""Lines beyond the unit that are still listened to: the next one or two suggestions."""

LOOPING_LINES = 4
"""A model that says the same line this often, in the same column, will go on saying it."""

_CLOSING = frozenset(")]}>;, \t")


def stop_sequences(kind: CompletionKind, wanted: Sequence[str]) -> tuple[str, ...]:
    """Stop strings for a request: the user's own, `wanted`, and a line end where the rest of a line
    is all that is asked for. Any other would cut a right answer somewhere. All are enforced while
    streaming by `truncate_at_stop`.
    """
    return (*wanted, "\n") if kind is CompletionKind.REST_OF_LINE else tuple(wanted)


def truncate_at_stop(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """`text` up to the earliest stop string, and whether there was one."""
    at = min((found for stop in stops if stop and (found := text.find(stop)) >= 0), default=-1)
    return (text, False) if at < 0 else (text[:at], True)


def should_stop(text: str, place: CursorContext, kind: CompletionKind) -> bool:
    """Whether to hang up: what may be shown has come, and what is worth keeping beyond it.

    Of a unit that is longer than what is shown of it, all is worth keeping.
    """
    first = measure(text, place, kind, ended=False)
    if first is None or not first.is_complete:
        return text.count("\n") > MAX_LINES
    if kind is CompletionKind.REST_OF_LINE or is_value_within_line(place):
        return True
    beyond = text[len(first.text) :].split("\n")[1:-1]
    if len([line for line in beyond if line.strip()]) >= AHEAD_LINES:
        return True
    return _leaves_scope(text, place, kind) or _loops(text)


def first_suggestion(
    text: str, place: CursorContext, kind: CompletionKind, *, ended: bool
) -> str | None:
    """The first showable piece of `text`, or None while it is not complete.

    `ended`: no more will come, so whatever is there is all. "" if there is nothing to show.
    """
    measured = measure(text, place, kind, ended=ended)
    if measured is None:
        return text if ended else None
    return measured.text


@dataclass(frozen=True, slots=True)
class Measured:
    """The first showable piece of a text; `is_complete` where the unit ends with it."""

    text: str
    is_complete: bool = True


@lru_cache(maxsize=8)
def measure(
    text: str, place: CursorContext, kind: CompletionKind, *, ended: bool, beyond: int = 0
) -> Measured | None:
    """The first showable piece of `text`, None while more must come to tell. `beyond`: lines of it
    that were shown and accepted before.

    Remembered: whoever reads a stream and whoever waits for it ask the same.
    """
    line = text.rfind("\n") + 1
    if not ended and len(text) - line > MAX_COMING:
        text = text[:line]
    if not ended and is_starting_over(text, place):
        return None
    led = _led(text, place)
    said = text[led:]
    code = cut_control_tokens(Draft(text=said, kind=kind), place)
    if code is not None and code.text != said:
        # What follows a token that leaked was never meant for the document.
        led += said.find(code.text)
        said, ended = code.text, ended or not text.endswith(code.text)
    is_part = kind is CompletionKind.REST_OF_LINE or is_value_within_line(place)
    if not is_part and (ground := Ground.of(place)) is not None:
        reader = Reader(ground, place, _as_meant(said, place), ended=ended, beyond=beyond)
        if (extent := reader.extent(kind)) is not None:
            shown = _with_line_end(said, extent.lines, place, ended=ended)
            return Measured(text[:led] + shown, extent.is_complete)
        if not reader.gives_up:
            return None
    lines = said.split("\n")
    whole = len(lines) if ended else len(lines) - 1
    count = LineReader(lines, whole, place).count(kind)
    if count is None:
        return None
    return Measured(text[:led] + _with_line_end(said, count, place, ended=ended))


def _as_meant(text: str, place: CursorContext) -> str:
    """`text` in the columns in which it will stand, with as many lines."""
    draft = shift_left(Draft(text=text, kind=CompletionKind.BLOCK), place)
    aligned = draft and align_to_cursor(draft, place)
    return text if aligned is None else aligned.text


def _with_line_end(text: str, count: int, place: CursorContext, *, ended: bool) -> str:
    """The first lines of `text`; all of it where what stands behind the cursor is to go to a line
    of its own."""
    shown = "\n".join(text.split("\n", count)[:count])
    is_all = ended and only_closes_after(place) and "\n" in shown and text.rstrip() == shown
    return text if is_all else shown


def _led(text: str, place: CursorContext) -> int:
    """How many code points lead to the code: sentences, a fence, and what starts over above."""
    begun = _introduced(text, place)
    draft = Draft(text=text[begun:], kind=CompletionKind.BLOCK)
    for trimmed in (drop_repeated_prefix, drop_leading_newline):
        kept = trimmed(draft, place)
        if kept is not None and draft.text.endswith(kept.text):
            draft = kept
    return len(text) - len(draft.text)


def _introduced(text: str, place: CursorContext) -> int:
    """How many code points are sentences and a fence."""
    lines = text.split("\n")
    skipped = _introduction(lines[:-1], place)
    if skipped and opens_block(place.line_before, place.language):
        skipped -= 1  # the line end that belongs to the fence is the missing one of the code
        return sum(len(line) + 1 for line in lines[:skipped]) + len(lines[skipped])
    return sum(len(line) + 1 for line in lines[:skipped])


def _introduction(lines: list[str], place: CursorContext) -> int:
    """How many lines lead to the code and are no code: sentences, then a Markdown fence."""
    count = 0
    for i, line in enumerate(lines):
        if is_fence(line):
            count = i + 1
            break
        if is_introduction(line):
            count = i + 1
        elif line.strip():
            break
    if not count or is_own("\n".join(lines[:1]), place) or brackets.aside_at_cursor(place):
        return 0
    return count


def _leaves_scope(text: str, place: CursorContext, kind: CompletionKind) -> bool:
    line = place.line_before
    if kind is CompletionKind.BLOCK and not line.strip():
        line = line_above(place.before)
    width = indent_width(line)
    return any(
        indent_width(line) < width and not _CLOSING.issuperset(line)
        for line in text.split("\n")[1:]
        if line.strip()
    )


def _loops(text: str) -> bool:
    last = [line.rstrip() for line in text.split("\n")[:-1] if line.strip()][-LOOPING_LINES:]
    return len(last) == LOOPING_LINES and len(set(last)) == 1
