"""A reply taken the way of the product: read, made into edits, objected to or not.

Says what came of it; what should have come is known to the replies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from benchmarks.refactor.bad import ELISIONS
from benchmarks.refactor.corpus import Snippet
from benchmarks.refactor.good import Reply
from devstral_lsp.edits.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.refactor.parse_reply import UnusableReply, parse
from devstral_lsp.refactor.types import NamePolicy, ReplyKind
from devstral_lsp.refactor.validate import find_loss, find_violation


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


def judge(snippet: Snippet, reply: Reply) -> Judged:
    """What the product makes of `reply`, with names to be kept."""
    snapshot, span = snippet.snapshot, snippet.span
    try:
        parsed = parse(
            reply.raw,
            reply.form,
            ReplyKind.CODE,
            snippet.code,
            snippet.language,
            around=snippet.around,
        )
    except UnusableReply as error:
        return Judged(snippet, reply, Verdict.REFUSED, str(error))
    made = minimal_line_edits(snapshot.text, span, parsed.code or "")
    document = ParsedDocument(snapshot)
    reason = find_violation(document, span, made, names=NamePolicy.KEPT) or find_loss(
        document, span, made, names=NamePolicy.KEPT
    )
    if reason is not None:
        return Judged(snippet, reply, Verdict.REFUSED, reason)
    result = str(apply_edits(snapshot.text, made))
    return Judged(snippet, reply, _verdict(snippet, reply, result), result=result)


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
    return any(words in line for words in ELISIONS) and line not in reply.wanted
