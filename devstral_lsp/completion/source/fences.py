"""Markdown's fences around code: which lines are some, and which of them open."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.types import CursorContext, Draft

FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+#.-]*[ \t]*$", re.MULTILINE)


_LEAD_LINES = 3


PROSE_LANGUAGES = frozenset({"markdown", "plain"})
"""Where a fence is the document's own."""


_OF_MARKDOWN = re.compile(r"[ \t]*(?:```|~~~)(?:markdown|md)[ \t]*(?:\n|$)")


def is_fence(line: str) -> bool:
    """Whether `line` opens or closes a Markdown fence."""
    return FENCE.fullmatch(line) is not None


def is_own(text: str, place: CursorContext) -> bool:
    """Whether fences in `text` are the document's own, which is prose: not one around all of it."""
    return place.language.name in PROSE_LANGUAGES and _OF_MARKDOWN.match(text) is None


def is_in_fence(place: CursorContext) -> bool:
    """Whether the cursor is in a fenced code block of a prose document."""
    if place.language.name not in PROSE_LANGUAGES:
        return False
    return sum(map(is_fence, place.before.split("\n")[:-1])) % 2 == 1


def first_fence(draft: Draft, place: CursorContext) -> re.Match[str] | None:
    text, offset = brackets.joined(draft, place)
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
