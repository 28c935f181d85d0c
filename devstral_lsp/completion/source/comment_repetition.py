"""Where a comment on one line begins to repeat itself."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.types import CursorContext, Draft

_SENTENCES = 3
"""As many that start alike are a loop: writers do so twice."""

_WORDS = 3
"""What two sentences share at their start to be alike."""

_BOUNDARY = re.compile(r"[.!?][ \t]+")

_WORD = re.compile(r"\w+")


def end_of_first_remark(draft: Draft, place: CursorContext) -> int:
    """Before the second of three sentences that start alike in a comment to the end of a line.

    The draft's length where there is no such comment.
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
        words = tuple(_WORD.findall(remark[start:end].lower())[:_WORDS])
        said = alike.setdefault(words, [])
        said.append(start)
        if len(words) == _WORDS and len(said) == _SENTENCES:
            return len(remark[: said[1]].rstrip())
    return None
