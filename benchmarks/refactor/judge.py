"""A reply taken the way of the product: read, made into edits, objected to or not.

Says what came of it; what should have come is known to the replies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from benchmarks.refactor.corpus import Snippet
from benchmarks.refactor.entries import ENTRIES, Entry, Refused
from benchmarks.refactor.good import Reply
from benchmarks.refactor.wordings import WORDINGS


class Verdict(Enum):
    """What became of a reply."""

    REFUSED = "refused"
    UNCHANGED = "unchanged"
    AS_WANTED = "as wanted"
    OTHERWISE = "otherwise"
    """The document would have changed, and not into what was meant."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply, what became of it, and why."""

    snippet: Snippet
    reply: Reply
    verdict: Verdict
    reason: str = ""
    result: str = ""
    entry: str = ""


def judge(snippet: Snippet, reply: Reply, entry: Entry = ENTRIES[0]) -> Judged:
    """What the product makes of `reply`, for a user who started at `entry`."""
    try:
        result = entry.result(snippet, reply)
    except Refused as error:
        return Judged(snippet, reply, Verdict.REFUSED, str(error), entry=entry.name)
    verdict = _verdict(snippet, reply, result)
    return Judged(snippet, reply, verdict, result=result, entry=entry.name)


def _verdict(snippet: Snippet, reply: Reply, result: str) -> Verdict:
    before, after = snippet.around
    if _trimmed(result) == _trimmed(before + reply.wanted + after):
        return Verdict.AS_WANTED
    if result == str(snippet.snapshot.text):
        return Verdict.UNCHANGED
    made = result[len(before) : len(result) - len(after)]
    elided = reply.kind.startswith(("elided", "body"))
    filled = elided and _is_filled(reply, made, snippet.code)
    return Verdict.AS_WANTED if filled else Verdict.OTHERWISE


def _trimmed(text: str) -> list[str]:
    """The lines without blanks at their ends, which models do not write."""
    return [line.rstrip() for line in text.split("\n")]


def _is_filled(reply: Reply, made: str, old: str) -> bool:
    """Whether `made` is the reply with one stretch of the old code for one of its lines.

    The stretch must follow, in the old code, the line that it follows now, and go on to the line
    that it is followed by, or to either end.
    """
    lines, result, told = (
        [line.strip() for line in text.split("\n") if line.strip()]
        for text in (reply.raw, made, old)
    )
    lines = [line for line in lines if not line.startswith(("<new_code", "</new_code", "```"))]
    for at in range(len(lines)):
        above, below = lines[:at], lines[at + 1 :]
        size = len(result) - len(above) - len(below)
        stretch = result[at : at + size]
        if not _is_elision(lines[at], reply) or lines[at] in stretch:
            continue
        if size < 0 or [*above, *stretch, *below] != result:
            continue
        framed = ["", *told, ""]
        wanted = [*(above[-1:] or [""]), *stretch, *(below[:1] or [""])]
        if any(framed[i : i + len(wanted)] == wanted for i in range(len(framed))):
            return True
    return False


def _is_elision(line: str, reply: Reply) -> bool:
    """Whether the script wrote `line` in place of others."""
    return any(words in line for words in WORDINGS) and line not in reply.wanted
