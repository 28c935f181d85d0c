"""Find secrets that span lines: private keys in PEM and PuTTY's format, also partial ones.

A text may be a window of a file, so the start or end of a key may be missing. Returns words, never
line ends, so that each line of a key can be replaced and restored separately.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_HEAD = re.compile(r"-{4,5} ?BEGIN (?P<what>[\w .]{0,60}+)-{4,5}")
_TAIL = re.compile(r"-{4,5} ?END (?P<what>[\w .]{0,60}+)")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}?PRIVATE KEY(?: BLOCK)?-----")
"""The first line of a private key."""
_IS_PRIVATE = re.compile(r"PRIVATE KEY|Static key")
_GAP = re.compile(
    r"(?:\n[ \t]{0,8}+\d{1,7}+│|[\"']\s{0,40}+\+\s{0,40}+(?=[\"'])|\\[nrt]"
    r"|[^A-Za-z0-9+/=\\]|\\(?![nrt]))*+"
)
"""Text between two lines of a key: line ends, also escaped in strings, quotes, comments, line
numbers of a task's tools, and the operator that joins strings."""
_HEADER = re.compile(r"[A-Z][A-Za-z0-9-]{2,30}+: (?:[^\n\\]|\\(?!n))*+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]++")
_MAX_BLOCK_LENGTH = 40_000
_MAX_HEADERS = 4
_MAX_LINES = 400
"""Maximum lines of a key: RSA with 16,384 bits has 200."""
_MIN_LINE_LENGTH = 16
_ROW_LENGTHS = frozenset({64, 70})
"""Line lengths in PEM (RFC 7468) and in OpenSSH's keys."""
_MIN_ROWS = 3
_PUTTY = re.compile(r"Private-Lines: \d{1,3}+")
_MNEMONIC = re.compile(
    r"(?i:mnemonic|(?:seed|recovery)[_ -]?phrase)[\w\"' ]{0,24}+[:=,(][ \t]{0,4}+[\"'`]?+"
    r"(?P<value>[a-z]{3,8}(?: [a-z]{3,8}){11,23}+)"
)
"""The words of a wallet (BIP 39)."""


def secrets_in_blocks(text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Start and end of each word of a secret. `lower` is the text in lower case."""
    if "BEGIN " in text:
        yield from _list_key_lines(m for m in _HEAD.finditer(text) if _IS_PRIVATE.search(m["what"]))
    if "END " in text:
        since = 0
        for tail in _TAIL.finditer(text):
            if _IS_PRIVATE.search(tail["what"]):
                yield from _words_before(text, since, tail.start())
            since = tail.end()
    if "Private-Lines: " in text:
        yield from _list_key_lines(_PUTTY.finditer(text))
    if "mnemonic" in lower or "phrase" in lower:
        for phrase in _MNEMONIC.finditer(text):
            yield phrase.span("value")


def public_blocks(text: str) -> list[tuple[int, int]]:
    """Start and end of certificates and public keys, which are not secret."""
    heads = (head for head in _HEAD.finditer(text) if not _IS_PRIVATE.search(head["what"]))
    return [
        (head.end(), end)
        for head in heads
        if (end := text.find("END ", head.end(), head.end() + _MAX_BLOCK_LENGTH)) >= 0
    ]


def _list_key_lines(heads: Iterable[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """The lines of the keys after their first lines."""
    done = 0
    for head in heads:
        if head.end() >= done:
            for start, end in _words_from(head.string, head.end()):
                done = end
                yield start, end


def _words_from(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The lines of a key from `at` on, up to the first other line."""
    for number in range(_MAX_LINES):
        at = _end_of(_GAP, text, at)
        for _ in range(_MAX_HEADERS):
            at = _end_of(_GAP, text, _end_of(_HEADER, text, at))
        word = _BASE64.match(text, at)
        if word is None:
            return
        is_last = text.find("END ", word.end(), word.end() + 40) >= 0 or word.end() == len(text)
        is_drawn = any(c.isdigit() for c in word[0])
        if len(word[0]) < _MIN_LINE_LENGTH and not (number and is_last):
            return
        if number == 0 and not is_drawn:
            return
        yield word.span()
        at = word.end()


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _words_before(text: str, since: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a key before its end; keys with a visible start are found twice."""
    start = max(since, end - 160 * _MAX_LINES, text.rfind("BEGIN ", since, end))
    words = [each.span() for each in _BASE64.finditer(text, start, end)]
    for number, (first, last) in enumerate(reversed(words)):
        if last - first < (4 if number == 0 else _MIN_LINE_LENGTH):
            return
        yield first, last


def rows_of_base64(text: str, words: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those of the long `words` that are lines of a key without a visible start or end."""
    run: list[tuple[int, int]] = []
    for start, end in words:
        if end - start not in _ROW_LENGTHS:
            continue
        if run and _end_of(_GAP, text, run[-1][1]) != start:
            yield from run if len(run) >= _MIN_ROWS else ()
            run = []
        run.append((start, end))
    yield from run if len(run) >= _MIN_ROWS else ()
