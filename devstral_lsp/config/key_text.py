"""Recognize what users enter in place of a key: quotation marks, a header, a placeholder.

Endpoints reject these with a message that only says that the key is wrong.
"""

from __future__ import annotations

import re

_QUOTES = "\"'`“”„‘’«»"
_HEADER = re.compile(
    r"(?i)((?:x-)?api-key|authorization)[ \t]{0,9}[:=]|(bearer|basic)(?:[\s:=]|%20)"
)
_ASSIGNMENT = re.compile(
    r"(?:export |set |\$env:)?[A-Z][A-Z0-9_]{0,60}"
    r"(?:(?<=KEY)|(?<=TOKEN)|(?<=SECRET))[ \t]{0,9}=[ \t]{0,9}\S"
)
_REFERENCE = re.compile(
    # ${NAME}, $(command), %NAME%, {env:NAME}, {{ name }}, <your key>, [key]
    r"[$%{<\[].*[)}%>\]]|\$\w+|(?:op|vault|secret|file|env|ref\+[a-z]+):.*|os\.environ/.*",
    re.DOTALL,
)
_REPEATED = re.compile(r"([xX*.0…•])\1{2,}|…")
_WORD = re.compile(r"[^\W\d_]+")
_MAX_DIGITS = 4
_PLACEHOLDERS = frozenset(
    {
        "your",
        "yours",
        "yourkey",
        "yourapikey",
        "change",
        "changeme",
        "replace",
        "replaceme",
        "paste",
        "insert",
        "enter",
        "placeholder",
        "todo",
        "tbd",
        "fixme",
        "none",
        "null",
        "nil",
        "undefined",
        "unset",
        "redacted",
        "removed",
        "hidden",
    }
)
_FILLERS = frozenset(
    {
        "a",
        "an",
        "the",
        "this",
        "in",
        "it",
        "here",
        "with",
        "me",
        "my",
        "from",
        "put",
        "add",
        "is",
        "goes",
        "of",
        "for",
        "key",
        "keys",
        "apikey",
        "api",
        "token",
        "secret",
        "value",
        "sk",
        "ai",
        "llm",
        "gateway",
        "code",
        "mistral",
        "codestral",
        "devstral",
        "openrouter",
        "vercel",
        "deepseek",
        "openai",
    }
)
"""Words beside those. Alone they may be a key: gateways let their owners choose keys."""


def describe_key_fault(text: str, *, may_be_any_word: bool = False) -> str:
    """What is wrong with `text` as a key, as the end of a sentence; "" if it may be one.

    `may_be_any_word`: the server accepts any word, like one without keys.
    """
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        return "it is in quotation marks: give the key without them"
    if header := _HEADER.match(text):
        return f'it begins with "{header[1] or header[2]}": give the key alone'
    if _ASSIGNMENT.match(text):
        return "it begins with the name of a variable: give the key alone"
    if text[0] in "{[" and '"' in text:
        return "it is JSON: give the key alone"
    if _REFERENCE.fullmatch(text) or (not may_be_any_word and _is_placeholder(text)):
        return "it is a placeholder: put the key itself there"
    # An HTTP client would quote anything except visible ASCII in its error.
    if not all("!" <= letter <= "~" for letter in text):
        return "it contains whitespace or a letter that no key has: copy the key alone"
    return ""


def _is_placeholder(text: str) -> bool:
    """Whether it consists of placeholder words, or of one repeated character."""
    words = {word.lower() for word in _WORD.findall(_REPEATED.sub(" ", text))}
    has_marker = _REPEATED.search(text) is not None or not words.isdisjoint(_PLACEHOLDERS)
    has_digits = sum(map(str.isdigit, text)) > _MAX_DIGITS
    return has_marker and not has_digits and words <= _PLACEHOLDERS | _FILLERS
