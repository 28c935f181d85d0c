"""Remove a repeated name from the start of a text, unless the repetition is intended."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext

KEYWORDS = frozenset(
    """
    abstract and as assert async await case class const declare def default del delete elif else
    enum except export extends finally for from function get global if implements import in infer
    instanceof interface is keyof lambda let match namespace new nonlocal not of or override private
    protected public raise readonly return satisfies set static throw type typeof var void while
    with yield
    """.split()  # noqa: SIM905 - a list would be fifty lines
)


def drop_repeated_word(text: str, word: str, place: CursorContext) -> str:
    if text.startswith(word):
        doubled = re.match(r"[\w$]*", word + text)
        known = doubled and _is_known(doubled.group(), place)
        return text if known else text[len(word) :]
    if not text.startswith(f" {word}") or word in KEYWORDS:
        return text
    if not place.language.has_single_names or brackets.aside_at_cursor(place):
        return text
    return text[1 + len(word) :]


def _is_known(word: str, place: CursorContext) -> bool:
    name = re.compile(rf"(?<![\w$]){re.escape(word)}(?![\w$])")
    return bool(name.search(reading.before(place)) or name.search(reading.after(place)))
