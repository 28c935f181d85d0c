"""Models leak the tokens that frame a request, mostly where they should have stopped."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.providers.control_tokens import control_tokens


def cut_control_tokens(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop control tokens that lead the draft, and cut it at the first one that follows.

    A token that the document itself contains, or that is in a closed string, is code.

    Before: `return │` + `[MIDDLE]total</s>[PREFIX]import os`
    After:  `total`
    """
    found = [*control_tokens(draft.text)]
    if not found:
        return draft
    if "<s>" in draft.text and place.language.has_html_tags:
        return draft
    start = 0
    for match in found:
        if match.start() != start or _is_spoken_of(match[0], place):
            break
        start = match.end()
    said = draft.text[start:]
    if start and not place.line_before.strip():
        said = said.removeprefix("\n")  # the token's own
    led = reading.rewrite(draft, said)
    return None if led is None else reading.shorten(led, _first_leak(led, place))


def _first_leak(draft: Draft, place: CursorContext) -> int:
    text, offset = brackets.joined(draft, place)
    scanned = brackets.scan(text, place.language)
    for match in control_tokens(draft.text):
        aside = scanned.aside_at(offset + match.start())
        quoted = aside is not None and not aside.is_open
        if not quoted and not _is_spoken_of(match.group(), place):
            return match.start()
    return len(draft.text)


def _is_spoken_of(token: str, place: CursorContext) -> bool:
    name = re.sub(r"[^A-Za-z_]", "", token) if token.startswith("[") else token.replace("/", "")
    return name in reading.before(place) or name in reading.after(place)
