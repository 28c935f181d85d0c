"""What is left of an answer once its user has typed on, deleted, or accepted a part of it.

An answer was made for an `RequestAnchor`, the text around a cursor. It still holds wherever the
text before the cursor is the anchor's plus a beginning of the answer, and the text after is the
same but for brackets and quotes that the editor closed by itself. Compared by characters, so any
length of typing is followed at once; pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from devstral_lsp.completion.types import CursorContext

BEFORE_WINDOW = 4_000
AFTER_WINDOW = 1_500
"""Code points that must be the same for an answer to hold. Further away, a change hardly changes
the answer; these are about what a prompt of 2,000 tokens shows."""

TAIL = 200
"""Code points before the cursor by which an anchor is looked for first."""

AUTO_CLOSED = ")]}\"'`>"
MAX_AUTO_CLOSED = 4
"""Editors close brackets, quotes and tags as they are opened: seen up to three deep (`f({"`)."""

_CLOSER = re.compile(
    rf"(?P<line>\n[ \t]*+(?=[)\]}}<]))?(?:[{re.escape(AUTO_CLOSED)}]|</(?P<tag>[\w.:-]{{0,80}}+)>)"
)


@dataclass(frozen=True, slots=True)
class RequestAnchor:
    """The text around the cursor that an answer was made for."""

    before: str
    after: str

    @classmethod
    def of(cls, place: CursorContext) -> RequestAnchor:
        return cls(place.before[-BEFORE_WINDOW:], place.after[:AFTER_WINDOW])


def could_lead_to(anchor: RequestAnchor, place: CursorContext, longest: int) -> bool:
    """Whether the anchor's text stands before `place` where an answer of `longest` code points can
    have led from there: to find that out costs less than to look an answer up."""
    tail = anchor.before[-TAIL:]
    return place.before.find(tail, _earliest(tail, place.before, longest)) >= 0


def remaining_text(answer: str, anchor: RequestAnchor, place: CursorContext) -> str | None:
    """What of `answer` remains at `place`; None if what was typed contradicts it.

    "" means that all of it has been typed, or that so far nothing has come of it.
    """
    for typed in _typed_since(anchor, place.before, len(answer)):
        used = _used(answer, typed)
        if used is None or not _same_after(anchor.after, place.after, typed):
            continue
        return answer[used:]
    return None


def is_typed_beyond(answer: str, anchor: RequestAnchor, place: CursorContext) -> bool:
    """Whether the user has typed more than `answer` holds so far, without contradicting it.

    True while an answer is still on its way and may yet agree with what was typed.
    """
    at = place.before.rfind(anchor.before[-TAIL:]) if anchor.before else 0
    if at < 0:
        return False
    typed = place.before[at + len(anchor.before[-TAIL:]) :]
    if "\n" in typed.strip("\n") or len(typed) > 80:
        return False
    return typed.startswith(answer) and _same_after(anchor.after, place.after, typed)


def _typed_since(anchor: RequestAnchor, before: str, longest: int) -> list[str]:
    """Every way to read `before` as the anchor's text and something typed after it."""
    tail = anchor.before[-TAIL:]
    if not tail:
        return [before] if len(before) <= longest + MAX_AUTO_CLOSED else []
    found = []
    at = before.find(tail, _earliest(tail, before, longest))
    while at >= 0:
        end = at + len(tail)
        if _ends_alike(before[:end], anchor.before):
            found.append(before[end:])
        at = before.find(tail, at + 1)
    return found[::-1]


def _earliest(tail: str, before: str, longest: int) -> int:
    """From where on `tail` may stand. Auto-indentation may put a few blanks more than are said."""
    return max(0, len(before) - len(tail) - longest - 16)


def _ends_alike(before: str, anchor_before: str) -> bool:
    if len(anchor_before) < BEFORE_WINDOW:
        return before == anchor_before  # a short window reaches back to the document's start
    return before.endswith(anchor_before)


def _used(answer: str, typed: str) -> int | None:
    """How much of `answer` the text `typed` covers; None if they differ.

    Blanks at the end of `typed` after a line end are the editor's auto-indentation: where the
    answer has fewer in what opens a block, the answer's own are taken as covered. Elsewhere fewer
    mean that the answer leaves the block, which it cannot from there.
    """
    if answer.startswith(typed):
        return len(typed)
    stripped = typed.rstrip(" \t")
    if not stripped.endswith("\n") or not answer.startswith(stripped):
        return None
    blanks = typed[len(stripped) :]
    rest = answer[len(stripped) :]
    own = rest[: len(rest) - len(rest.lstrip(" \t"))]
    is_body = stripped.rstrip()[-1:] in tuple(":{([")
    fits = blanks == own or (is_body and blanks.startswith(own))
    return len(stripped) + len(own) if fits and rest.strip() else None


def _same_after(anchor_after: str, after: str, typed: str) -> bool:
    if _begins_alike(after, anchor_after):
        return True
    for closed in _closed_by_editor(after, typed):
        if _begins_alike(after[len(closed) :], anchor_after) and _opened(closed.strip(), typed):
            return True
    # The user may have typed over a closing bracket that the editor had put.
    return any(
        anchor_after[:count]
        and typed.rstrip().endswith(anchor_after[:count])
        and _begins_alike(after, anchor_after[count:])
        for count in range(1, MAX_AUTO_CLOSED + 1)
        if set(anchor_after[:count]) <= set(AUTO_CLOSED)
    )


def _closed_by_editor(after: str, typed: str) -> Iterator[str]:
    """What an editor may have put after the cursor, the least first.

    A line end that was typed between brackets or tags leaves what closes them on a line of its own.
    """
    end = 0
    for _ in range(MAX_AUTO_CLOSED):
        found = _CLOSER.match(after, end)
        if found is None or (found["line"] and "\n" not in typed):
            return
        if found["line"]:
            yield after[: found.end("line")]
        end = found.end()
        yield after[:end]


def _begins_alike(after: str, anchor_after: str) -> bool:
    common = min(len(after), len(anchor_after))
    # A short remainder at the end of the file is the whole of it; elsewhere windows are cut.
    if common < AFTER_WINDOW - MAX_AUTO_CLOSED and len(after) != len(anchor_after):
        return False
    return after[:common] == anchor_after[:common]


_OPENERS = {")": "(", "]": "[", "}": "{", ">": "<", '"': '"', "'": "'", "`": "`"}


def _opened(closed: str, typed: str) -> bool:
    """Whether `typed` opens each bracket, quote and tag that `closed` closes."""
    opened = Counter(
        f"<{found['tag']}" if found["tag"] is not None else _OPENERS[found[0][-1]]
        for found in _CLOSER.finditer(closed)
    )
    return all(typed.count(opener) >= count for opener, count in opened.items())
