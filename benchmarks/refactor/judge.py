"""A reply taken the way of the product: read, made into edits, objected to or not.

Says what came of it; what should have come is known to the replies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from benchmarks.refactor.corpus import Snippet
from benchmarks.refactor.good import Reply
from devstral_lsp.refactor.base import Answer, Names
from devstral_lsp.refactor.check import objection
from devstral_lsp.refactor.diff import apply, edits
from devstral_lsp.refactor.reply import BadEdit, parse


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
            Answer.CODE,
            snippet.code,
            snippet.language,
            around=snippet.around,
        )
    except BadEdit as error:
        return Judged(snippet, reply, Verdict.REFUSED, str(error))
    made = edits(snapshot.text, span, parsed.code or "")
    reason = objection(snapshot, span, made, names=Names.KEPT)
    if reason is not None:
        return Judged(snippet, reply, Verdict.REFUSED, reason)
    result = str(apply(snapshot.text, made))
    return Judged(snippet, reply, _verdict(snippet, reply, result), result=result)


def _verdict(snippet: Snippet, reply: Reply, result: str) -> Verdict:
    before, after = snippet.around
    if reply.wanted is not None and result == before + reply.wanted + after:
        return Verdict.AS_WANTED
    is_same = result == str(snippet.snapshot.text)
    return Verdict.UNCHANGED if is_same else Verdict.OTHERWISE
