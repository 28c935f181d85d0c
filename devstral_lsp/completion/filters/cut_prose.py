"""A model that was trained to chat explains itself before and after the code."""

from __future__ import annotations

import re

from devstral_lsp.completion.extent.standing import is_text_of_element
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft

_LEAD = re.compile(
    r"[ \t\n]*(?:Sure|Certainly|Of course|Absolutely|Okay|Great|I apologize|I'm sorry|As an AI"
    r"|Here(?:'s| is| are) (?:the|a|an|your|how|one|some)|Below is|You can use|To complete"
    r"|The (?:completed|missing|following|corrected|updated)|I(?:'ll| will| have|'ve| can))\b"
    r"(?=[^\n=(){};]*+(?:\n|$)|[!,.]\s)[^\n]*(?:\n+|$)"
)
_TAIL = re.compile(
    r"\n[ \t]*\n?(?:\*\*)?(?:Explanation|Note|Output|Example usage)\b[^\n=(){}]{0,12}:"
    r"(?:\*\*)?(?:\s|$)"
    r"|\n(?:(?:This|The above|In this|The) (?:code|function|method|class|implementation|example"
    r"|snippet|solution|script|query)\b|Note that|Let me know|I hope|Please note|In the above"
    r"|Feel free|You can (?:also|use|now|then))[^\n=(){};]*[.:!,]?(?:\s|$)"
)
_PROSE_LANGUAGES = frozenset({"markdown", "plain", "yaml", "html"})


def cut_prose(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop sentences that introduce the code, and cut where an explanation begins.

    Left alone in comments, strings and languages made of prose.

    Before: `│` + `Sure! Here is the code:⏎total = sum(xs)⏎⏎This code adds up xs.`
    After:  `total = sum(xs)⏎`
    """
    if place.language.name in _PROSE_LANGUAGES or brackets.aside_at_cursor(place):
        return draft
    start = 0
    while match := _LEAD.match(draft.text, start):
        start = match.end()
    if start and is_text_of_element(draft, place):
        return draft
    led = reading.rewrite(draft, draft.text[start:])
    return led and reading.shorten(led, _tail(led, place))


def is_introduction(line: str) -> bool:
    """Whether `line` is a sentence that leads to the code."""
    return _LEAD.fullmatch(line) is not None


def _tail(draft: Draft, place: CursorContext) -> int:
    text, offset = brackets.joined(draft, place)
    for match in _TAIL.finditer(draft.text):
        scanned = brackets.scan(text, place.language)
        if scanned.aside_at(offset + match.end() - 1) is None:
            return match.start()
    return len(draft.text)
