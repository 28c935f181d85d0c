"""A cursor within a word splits it into other tokens, and models say such a word from its start."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.request import Draft, Place

_LONGEST = 80
_WORD = re.compile(r"(?<![\w$#\\])[A-Za-z_$][\w$]+$")
_OPERATOR = re.compile(r"(?<![^\w\s)\]}\"'])(?:[=!]==?|=>|->|::|&&|\|\||[+*/:<>-]=|\?\?|<-)$")
_OPERATOR_SIGNS = frozenset("=!<>&|+*/:?-")
_DOTS = re.compile(r"(?<!\.)\.{2,3}$")

_SPREAD = frozenset({"javascript", "typescript", "php"})
"""Where no number of dots but one and three means anything."""

_ONE_NAME_AT_A_TIME = frozenset({"javascript", "typescript", "python"})
"""Where a name never follows another; in `ctx context.Context` or `Color Color` it does."""

_MAY_PRECEDE_A_NAME = frozenset(
    """
    abstract and as assert async await case class const declare def default del delete elif else
    enum except export extends finally for from function get global if implements import in infer
    instanceof interface is keyof lambda let match namespace new nonlocal not of or override private
    protected public raise readonly return satisfies set static throw type typeof var void while
    with yield
    """.split()  # noqa: SIM905 - a list would be fifty lines
)


def drop_repeated_token(draft: Draft, place: Place) -> Draft | None:
    """Drop the word or operator before the cursor where the draft begins with it, as a whole.

    A doubled word that stands in the document elsewhere is meant.

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


def _without_token(text: str, place: Place) -> str:
    line = place.line_before[-_LONGEST:]
    if word := _WORD.search(line):
        return _without_word(text, word.group(), place)
    dots = _DOTS.search(line)
    if dots and place.language.name in _SPREAD:
        said = len(text) - len(text.lstrip("."))
        return text[max(0, said - (3 - len(dots.group()))) :]
    operator = _OPERATOR.search(line)
    said_operator = text.removeprefix(" ")
    if not operator or not said_operator.startswith(operator.group()):
        return text
    rest = said_operator[len(operator.group()) :]
    return text if rest[:1] in _OPERATOR_SIGNS else rest


def _without_word(text: str, word: str, place: Place) -> str:
    if text.startswith(word):
        doubled = re.match(r"[\w$]*", word + text)
        known = doubled and _is_known(doubled.group(), place)
        return text if known else text[len(word) :]
    if not text.startswith(f" {word}") or word in _MAY_PRECEDE_A_NAME:
        return text
    if place.language.name not in _ONE_NAME_AT_A_TIME or brackets.aside_at_cursor(place):
        return text
    return text[1 + len(word) :]


def _is_known(word: str, place: Place) -> bool:
    name = re.compile(rf"(?<![\w$]){re.escape(word)}(?![\w$])")
    return bool(name.search(reading.before(place)) or name.search(reading.after(place)))
