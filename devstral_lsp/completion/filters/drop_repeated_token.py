"""A cursor within a word splits it into other tokens, and models restart such a word."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.identifiers import drop_repeated_word
from devstral_lsp.completion.types import CursorContext, Draft

_MAX_LENGTH = 80
_WORD = re.compile(r"(?<![\w$#\\])[A-Za-z_$][\w$]+$")
_OPERATOR = re.compile(r"(?<![^\w\s)\]}\"'])(?:[=!]==?|=>|->|::|&&|\|\||[+*/:<>-]=|\?\?|<-)$")
_OPERATOR_SIGNS = frozenset("=!<>&|+*/:?-")
_DOTS = re.compile(r"(?<!\.)\.{2,3}$")


def drop_repeated_token(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop the word or operator before the cursor where the draft begins with it, as a whole.

    A doubled word that also occurs elsewhere in the document is intended.

    Before (go): `if err != ni│` + `nil {`
    After:  `l {`

    Before (typescript): `export interfac│` + ` interface Shape {`
    After:  `e Shape {`

    Before (javascript): `items.push(..│` + `..more)`
    After:  `.more)`
    """
    text = draft.text
    while (rest := _without_token(text, place)) != text:
        text = rest
    return reading.rewrite(draft, text)


def _without_token(text: str, place: CursorContext) -> str:
    line = place.line_before[-_MAX_LENGTH:]
    if word := _WORD.search(line):
        return drop_repeated_word(text, word.group(), place)
    dots = _DOTS.search(line)
    if dots and place.language.has_spread:
        said = len(text) - len(text.lstrip("."))
        return text[max(0, said - (3 - len(dots.group()))) :]
    operator = _OPERATOR.search(line)
    said_operator = text.removeprefix(" ")
    if not operator or not said_operator.startswith(operator.group()):
        return text
    rest = said_operator[len(operator.group()) :]
    return text if rest[:1] in _OPERATOR_SIGNS else rest
