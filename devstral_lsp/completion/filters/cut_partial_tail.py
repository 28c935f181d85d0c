"""A stream that ran out of tokens or of certainty may end anywhere, and half a word is worse than
none."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.completion.extent.standing import faults, is_breaking
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.identifiers import KEYWORDS
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.providers.base import FinishReason

_CUT_SHORT = frozenset(
    {
        *(FinishReason.LENGTH, FinishReason.INCOMPLETE),
        *(FinishReason.UNCERTAIN, FinishReason.SECRET_BROKEN),
    }
)
_ENDS = re.compile(r"[)\]}\"'`;]|\w(?=[^\w])")
"""Ends of words and of brackets; a word that nothing follows may be half of one."""
_ENDS_TRIED = 8
"""How many possible ends of a draft are parsed; each takes up to a millisecond."""
_LAST_WORD = re.compile(r"(?<![\w$@#-])[\w$@#-]++$")


def cut_partial_tail(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut the last line of a draft that was cut by length, or the last word of a single line.

    Where that leaves a call or a list open, it goes as well, unless the draft begins with it. A
    line that would hold a part of a placeholder goes as a whole. Where certainty fell, nothing is
    left open.

    Before (length): `│` + `total = 0⏎for x in xs:⏎    tot`
    After:  `total = 0⏎for x in xs:`

    Before (length): `return │` + `compute(width, hei`
    After:  `compute(width,␣`

    Before (uncertain): `return │` + `total(items) * rate(`
    After:  `total(items) * rate`
    """
    if draft.finish not in _CUT_SHORT:
        return draft
    kept = draft.text.rstrip(" \t")
    last_line = kept.rfind("\n")
    if last_line >= 0 and kept[:last_line].strip():
        finished = _finished(kept[:last_line], place)
        if finished or draft.finish is not FinishReason.UNCERTAIN:
            return reading.shorten(draft, finished or last_line)
    if draft.finish is FinishReason.SECRET_BROKEN:
        return None
    if draft.finish is FinishReason.UNCERTAIN:
        return _up_to_where_nothing_is_open(draft, place)
    word = _LAST_WORD.search(kept)
    return reading.shorten(draft, word.start()) if word else draft


def _up_to_where_nothing_is_open(draft: Draft, place: CursorContext) -> Draft | None:
    """The draft up to the last word or bracket where it may end: the draft leaves no bracket or
    string open, and the code parses, or at least no worse than without the draft."""
    text, offset = brackets.joined(draft, place)
    scanned = brackets.scan(text, place.language)
    own = [each for each in scanned.brackets if each.position >= offset]
    asides = [each for each in scanned.asides if each.start >= offset]
    cuts: list[Draft] = []
    for match in _ENDS.finditer(draft.text):
        end, word = offset + match.end(), _LAST_WORD.search(draft.text, 0, match.end())
        is_open = (
            any(each.start < end and (end < each.end or each.is_open) for each in asides)
            or brackets.unmatched(each for each in own if each.position < end)[0]
            or (word is not None and word.group() in KEYWORDS)
        )
        if not is_open:
            cut = draft.text[: match.end()]
            cuts.append(replace(draft, text=cut, finish=FinishReason.STOP, goes_on=False))
    latest = cuts[: -_ENDS_TRIED - 1 : -1]
    parsing = (cut for cut in latest if not faults(cut, place))
    return next(parsing, None) or next((c for c in latest if not is_breaking(c, place)), None)


def _finished(text: str, place: CursorContext) -> int:
    """The end of the last line of `text` after which only braces are open; 0 if there is none."""
    ends = [start - 1 for start in reading.line_starts(text)[1:]] + [len(text)]
    opened = brackets.open_at_line_ends(text, place.language)
    begins = len(text) - len(text.lstrip())
    for finished in (brackets.Left.BRACES, brackets.Left.INSIDE_BRACES):
        for end, left in zip(reversed(ends), reversed(opened), strict=True):
            if left <= finished and begins < end:
                return end
    return 0
