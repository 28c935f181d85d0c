"""A stream that ended for want of tokens ends anywhere: half a word is worse than none."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.providers.base import FinishReason

_CUT_SHORT = frozenset({FinishReason.LENGTH, FinishReason.INCOMPLETE, FinishReason.SECRET_BROKEN})
_LAST_WORD = re.compile(r"(?<![\w$@#-])[\w$@#-]++$")


def cut_partial_tail(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut the last line of a draft that was cut by length, or the last word of a single line.

    Where that leaves a call or a list open, it goes as well, unless the draft begins with it. A
    line that would hold a part of a placeholder goes as a whole.

    Before (length): `│` + `total = 0⏎for x in xs:⏎    tot`
    After:  `total = 0⏎for x in xs:`

    Before (length): `return │` + `compute(width, hei`
    After:  `compute(width,␣`
    """
    if draft.finish not in _CUT_SHORT:
        return draft
    kept = draft.text.rstrip(" \t")
    last_line = kept.rfind("\n")
    if last_line >= 0 and kept[:last_line].strip():
        return reading.shorten(draft, _finished(kept[:last_line], place))
    if draft.finish is FinishReason.SECRET_BROKEN:
        return None
    word = _LAST_WORD.search(kept)
    return reading.shorten(draft, word.start()) if word else draft


def _finished(text: str, place: CursorContext) -> int:
    """Where the last line of `text` ends that leaves no more open than braces, if there is one."""
    ends = [start - 1 for start in reading.line_starts(text)[1:]] + [len(text)]
    opened = brackets.open_at_line_ends(text, place.language)
    begins = len(text) - len(text.lstrip())
    for finished in (brackets.Left.BRACES, brackets.Left.INSIDE_BRACES):
        for end, left in zip(reversed(ends), reversed(opened), strict=True):
            if left <= finished and begins < end:
                return end
    return len(text)
