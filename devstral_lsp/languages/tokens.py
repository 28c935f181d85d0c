"""The brackets, strings and comments of a language, as one regular expression."""

from __future__ import annotations

import re
from functools import lru_cache

from devstral_lsp.languages.language import Language

_REGEX_LITERAL = (
    r"(?<=[(=,:\[!&|?;{}])[ ]?/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}+\]|[^/\\\n\[]){1,400}+/"
)
_PARTNERS = frozenset(("( )", "[ ]", "{ }", "do end", "fn end"))
_BRACKETS = frozenset(each for pair in _PARTNERS for each in pair.split())
_BLOCK_WORDS = r"|\b(?:do|fn|end)\b(?!:)"
_CHARACTER = r"'(?:\\[^\n']{1,8}|\\'|[^'\\\n])'"


@lru_cache(maxsize=64)
def code_tokens(language: Language) -> re.Pattern[str]:
    """What matches each bracket of a source text, and each string and comment whole."""
    parts = []
    if language.block_comment:
        start, end = map(re.escape, language.block_comment)
        parts.append(rf"{start}(?:(?!{end})[\s\S])*(?:{end})?")
    if language.line_comment:
        alone = r"(?<!\S)" if language.line_comment == "#" else ""
        parts.append(rf"{alone}{re.escape(language.line_comment)}[^\n]*")
    if language.raw_string:
        parts.append(language.raw_string)
    if language.has_regex_literals:
        parts.append(_REGEX_LITERAL)
    if not language.is_markup:
        parts += [_string(quote, language) for quote in language.quotes]
    return re.compile("|".join([*parts, r"[()\[\]{}]"]))


def unmatched_brackets(text: str, kind: Language) -> tuple[str, ...]:
    """The brackets that have no partner, in order; and `do`, `fn` and `end` where those pair."""
    left: list[str] = []
    words = _BLOCK_WORDS if kind.name == "elixir" else ""
    for match in re.finditer(rf"{code_tokens(kind).pattern}|\\.{words}", text):
        bracket = match[0]
        if left and f"{left[-1]} {bracket}" in _PARTNERS:
            left.pop()
        elif bracket in _BRACKETS:
            left.append(bracket)
    return tuple(left)


def _string(quote: str, language: Language) -> str:
    if len(quote) == 3:
        return rf"{quote}(?:\\[\s\S]|(?!{quote})[^\\])*(?:{quote})?"
    if quote == "`":
        return r"`(?:\\[\s\S]|[^`\\])*`?"
    if quote == "'" and language.has_character_literals:
        return _CHARACTER
    alone = r"(?<![A-Za-z])" if quote == "'" and not language.has_string_prefixes else ""
    return rf"{alone}{quote}(?:\\.|[^{quote}\\\n])*{quote}?"
