"""From a prompt back to the place in the true text that it asks about. Pure.

A server may put a path header and snippets before the document, cut its window anywhere, and move
the cursor back to a word's or line's start. So only the end of the prompt counts: the place is
where the true text before it agrees longest with the prompt's end. Letters at the very end that
agree nowhere are a slip.
"""

from __future__ import annotations

from dataclasses import dataclass

MATCH_CHARS = 400
"""Agreement beyond this many characters decides nothing."""

ENOUGH_CHARS = 24
"""Agreement of fewer characters is chance, unless it is the whole prompt."""

BACK_CHARS = 200
"""A place may lie this far before the span: servers step back to a word's or line's start."""

SLIP_CHARS = 4
"""A slip is at most this long."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The true text of the file being typed; `start:end` is the span that the user types."""

    trace: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prompt asks: what stands between `at` and `until`.

    `slip` counts the wrong letters at the prompt's end; `at` is then the place before them.
    """

    at: int
    until: int
    slip: int = 0


def locate(prompt: str, suffix: str, truth: Truth, near: int) -> Asked | None:
    """The place that `prompt` and `suffix` stand around, None if there is none.

    Of places that agree equally, the one closest to `near`, the last place known.
    """
    for slip in range(min(SLIP_CHARS, len(prompt)) + 1):
        typed = prompt[max(0, len(prompt) - slip - MATCH_CHARS) : len(prompt) - slip]
        length, at = _best(typed, truth, near)
        if typed and (length >= ENOUGH_CHARS or length == len(prompt) - slip):
            return Asked(at, _until(suffix, truth, at), slip)
    return None


def _best(typed: str, truth: Truth, near: int) -> tuple[int, int]:
    """How much of `typed`'s end agrees at the best place, and that place."""
    places = range(max(0, truth.start - BACK_CHARS), truth.end + 1)
    agreed = ((_agreement(typed, truth.text, at), -abs(at - near), at) for at in places)
    length, _, at = max(agreed)
    return length, at


def _agreement(typed: str, text: str, at: int) -> int:
    """Length of the common end of `typed` and `text[:at]`."""
    length = 0
    before = text[max(0, at - len(typed)) : at]
    for ours, true in zip(reversed(typed), reversed(before), strict=False):
        if ours != true:
            break
        length += 1
    return length


def _until(suffix: str, truth: Truth, at: int) -> int:
    """Where the suffix begins in the true text; the file's end when there is no suffix.

    The document after the cursor is the text after the span, so that is tried first.
    """
    if not suffix:
        return len(truth.text)
    head = suffix[:MATCH_CHARS]
    if truth.text.startswith(head, truth.end):
        return max(at, truth.end)
    found = truth.text.find(head, at)
    return found if found >= 0 else max(at, truth.end)
