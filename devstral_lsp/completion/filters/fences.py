"""Markdown's fences around code: which lines are some, and which of them open."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.types import CursorContext, Draft

FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+#.-]*[ \t]*$", re.MULTILINE)


_LEAD_LINES = 3


PROSE_LANGUAGES = frozenset({"markdown", "plain"})
"""Where a fence is the document's own."""


def is_fence(line: str) -> bool:
    """Whether `line` opens or closes a Markdown fence."""
    return FENCE.fullmatch(line) is not None


def first_fence(draft: Draft, place: CursorContext) -> re.Match[str] | None:
    text, offset = brackets.join_with_line(draft, place)
    for fence in FENCE.finditer(draft.text):
        aside = brackets.scan(text, place.language).aside_at(offset + fence.start())
        if aside is None or aside.opener == "`":
            return fence
    return None


def is_opening(text: str, fence: re.Match[str]) -> bool:
    above = text[: fence.start()]
    if not above.strip():
        return True
    names_a_language = fence.group().strip(" \t`~") != ""
    return names_a_language and above.count("\n") <= _LEAD_LINES
