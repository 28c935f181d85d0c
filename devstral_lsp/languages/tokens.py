"""The brackets, strings and comments of a language, as one regular expression."""

from __future__ import annotations

import re
from functools import lru_cache

from devstral_lsp.languages.language import Language

_REGEX_LITERAL = (
    r"(?<=[(=,:\[!&|?;{}])[ ]?/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}+\]|[^/\\\n\[]){1,400}+/"
)
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


def _string(quote: str, language: Language) -> str:
    if len(quote) == 3:
        return rf"{quote}(?:\\[\s\S]|(?!{quote})[^\\])*(?:{quote})?"
    if quote == "`":
        return r"`(?:\\[\s\S]|[^`\\])*`?"
    if quote == "'" and language.has_character_literals:
        return _CHARACTER
    alone = r"(?<![A-Za-z])" if quote == "'" and not language.has_string_prefixes else ""
    return rf"{alone}{quote}(?:\\.|[^{quote}\\\n])*{quote}?"
