"""Find parts of placeholders in a response that does not repeat them exactly.

A model may split a placeholder into two string literals, wrap it, truncate it, change its case or
encode it. Then the secret cannot be restored and would be lost. A run of a placeholder's letters
and digits is recognised by its length, ignoring separators: placeholders are random, so a long run
cannot be a coincidence.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import ceil, log2

from devstral_lsp.secrets.known import lead_length

_BITS = 30.0
"""Minimum length of a run in the placeholder's own letters: with 10,000 runs in a response and
50 in a placeholder, one response in 2,000 contains one by chance."""
_BITS_OF_ANY_CASE = 36.0
_MIN_RUN_LENGTH = 5
_BASE64_RUN, _HEX_RUN = 8, 14
"""Minimum length in encodings of ASCII, which have 4.5 and 3 bits per character."""
_BEGUN = 3
"""Code points at the end of the received text that may begin a run."""
_MAX_PARTIAL_LENGTH = 16
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[nrt])|%[0-9A-Fa-f]{2}|&#\d{2,3};")
_LETTER = re.compile(r"[A-Za-z0-9\0]")
_OTHERS = re.compile(r"[^A-Za-z0-9\0]++")
_ALPHABETS = ((re.compile("[a-z]"), 26), (re.compile("[A-Z]"), 26), (re.compile("[0-9]"), 10))
_HEX = re.compile(r"[0-9a-f]++|[0-9A-F]++")


class Parts:
    """The runs of some placeholders, by their lengths."""

    def __init__(self, placeholders: Iterable[str]) -> None:
        self._exact: dict[int, set[str]] = {}
        self._of_any_case: dict[int, set[str]] = {}
        self._begun: set[str] = set()
        self._within: set[str] = set()
        """All sequences of _BEGUN code points in runs, in lower case: few texts contain any."""
        for placeholder in placeholders:
            exact, of_any_case, begun, within = _list_runs(placeholder)
            for by_length, found in ((self._exact, exact), (self._of_any_case, of_any_case)):
                for length, runs in found:
                    by_length.setdefault(length, set()).update(runs)
            self._begun |= begun
            self._within |= within

    def first(self, text: str) -> int | None:
        """The start of the first run in `text`. A NUL ends runs."""
        letters = _letters(text)
        folded = letters.lower()
        # The shortest run contains three of these, one at a multiple of three.
        if not any(folded[at : at + _BEGUN] in self._within for at in range(0, len(folded), 3)):
            return None
        found = [*_find(letters, self._exact), *_find(folded, self._of_any_case)]
        return _places(text)[min(found)] if found else None

    def unfinished(self, text: str) -> int:
        """The number of code points at the end of `text` that may belong to a run that
        continues."""
        end = text[-8 * _MAX_PARTIAL_LENGTH :]
        letters = _letters(end).lower()[-_MAX_PARTIAL_LENGTH:]
        size = 0
        while size + _BEGUN <= len(letters):
            at = len(letters) - size - _BEGUN
            if letters[at : at + _BEGUN] not in self._begun:
                break
            size += 1
        return len(end) - _places(end)[-size - _BEGUN + 1] if size else 0


@lru_cache(maxsize=16)  # the same at every keystroke
def find_parts(placeholders: tuple[str, ...]) -> Parts:
    """The runs to find in the response to a request with these placeholders."""
    return Parts(placeholders)


_Runs = tuple[tuple[int, frozenset[str]], ...]


@lru_cache(maxsize=2_000)
def _list_runs(placeholder: str) -> tuple[_Runs, _Runs, frozenset[str], frozenset[str]]:
    """The runs of a placeholder by length, and those of any case in lower case; and its
    sequences of _BEGUN code points, in its own form and in all its forms."""
    body = placeholder[lead_length(placeholder) :]
    letters = _OTHERS.sub("", body)
    folded = letters.lower()
    data = body.encode()
    encoded = [_letters(b64encode(bytes(shift) + data).decode()[4:-4]) for shift in range(3)]
    least, least_of_any_case = _run_length(letters, _BITS), _run_length(folded, _BITS_OF_ANY_CASE)
    exact = (
        (least, _runs(letters, least)),
        *((_BASE64_RUN, _runs(each, _BASE64_RUN)) for each in encoded),
    )
    of_any_case = (
        (least_of_any_case, _runs(folded, least_of_any_case)),
        (_HEX_RUN, _runs(data.hex(), _HEX_RUN)),
    )
    begun = _runs(folded, _BEGUN)
    within = begun.union(*(_runs(each.lower(), _BEGUN) for each in (*encoded, data.hex())))
    return exact, of_any_case, begun, within


def _run_length(letters: str, bits: float) -> int:
    """The length at which a run of such letters and digits cannot be a coincidence."""
    size = sum(size for alphabet, size in _ALPHABETS if alphabet.search(letters))
    size = 16 if size > 16 and _HEX.fullmatch(letters) else max(2, size)
    return min(ceil(bits / log2(size)), max(len(letters), _MIN_RUN_LENGTH))


def _runs(letters: str, length: int) -> frozenset[str]:
    return frozenset(letters[at : at + length] for at in range(len(letters) - length + 1))


def _find(letters: str, by_length: dict[int, set[str]]) -> Iterator[int]:
    """The start of the first run of each length."""
    for length, runs in by_length.items():
        if not runs.isdisjoint(_runs(letters, length)):
            yield next(at for at in range(len(letters)) if letters[at : at + length] in runs)


def _letters(text: str) -> str:
    """The letters, digits and NULs of a text, with escapes decoded."""
    return _OTHERS.sub("", _ESCAPE.sub(_unescape, text))


def _places(text: str) -> Sequence[int]:
    """The offset of each of these in the text."""
    places: list[int] = []
    at = 0
    for escape in (*_ESCAPE.finditer(text), None):
        end = len(text) if escape is None else escape.start()
        places += [each.start() for each in _LETTER.finditer(text, at, end)]
        if escape is not None:
            places += [escape.start()] if _LETTER.match(_unescape(escape)) else []
            at = escape.end()
    return places


def _unescape(escape: re.Match[str]) -> str:
    text = escape[0]
    if text[0] == "&":
        return chr(int(text[2:-1]))
    code = text[1:] if text[0] == "%" else text[2:]
    return chr(int(code, 16)) if code else ""
