"""Find the secrets in a text. Results are cached by paragraph: a keystroke changes only one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from devstral_lsp.secrets.addresses import secrets_in_addresses
from devstral_lsp.secrets.blocks import public_blocks, rows_of_base64, secrets_in_blocks
from devstral_lsp.secrets.known import known_secrets
from devstral_lsp.secrets.named import named_secrets
from devstral_lsp.secrets.values import is_drawn_alone, is_filled_in_later

Spans = tuple[tuple[int, int], ...]

_PARAGRAPH = "\n\n"
_LONG_PARAGRAPH = 2_000
"""Code points above which a paragraph is split at unindented lines."""
_MARGIN = re.compile(r"\n(?=\S)")
_MAX_CACHED = 4_000
"""Cached paragraphs; about a megabyte of text."""
_LONG_WORD = re.compile(r"[A-Za-z0-9_+/=-]{16,}+")
_DIGIT = re.compile(r"\d|hf_|api_org_|A[KS]IA")
"""Long words that are more than letters; some tokens are letters only."""

_remembered: dict[str, Spans] = {}


def find_secrets(text: str) -> Spans:
    """Start and end of each secret in code points, in order and disjoint.

    Takes up to 1 ms for 8,000 new code points, and a tenth of that for cached ones.
    """
    paragraphs = text.split(_PARAGRAPH)
    known = [_remembered.get(paragraph) for paragraph in paragraphs]
    if None in known:
        _scan_new([each for each, spans in zip(paragraphs, known, strict=True) if spans is None])
        known = [_remembered.get(paragraph) for paragraph in paragraphs]
    found: list[tuple[int, int]] = []
    if any(known):
        at = 0
        for paragraph, spans in zip(paragraphs, known, strict=True):
            found += [(at + start, at + end) for start, end in spans or ()]
            at += len(paragraph) + len(_PARAGRAPH)
    return join_spans(_add_blocks(text, found))


def drop_secret_lines(text: str) -> str:
    """The text without the lines that contain secrets. Caches nothing."""
    spans = join_spans(_add_blocks(text, _scan(text)))
    kept, at = [], 0
    for start, end in spans:
        first = text.rfind("\n", 0, start) + 1
        kept.append(text[at : max(at, first)])
        last = text.find("\n", end)
        at = max(at, len(text) if last < 0 else last)
    return "".join([*kept, text[at:]])


def _add_blocks(text: str, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Add the keys in blocks, which contain blank lines, to the secrets of paragraphs."""
    if "BEGIN " not in text and "END " not in text:
        yield from found
        return
    public = public_blocks(text)
    yield from (each for each in found if not any(a <= each[0] < b for a, b in public))
    yield from secrets_in_blocks(text, text.lower())


def _scan_new(paragraphs: list[str]) -> None:
    """Scan new paragraphs in one pass; of a long one, only its new pieces."""
    if len(_remembered) + 2 * len(paragraphs) > _MAX_CACHED:
        _remembered.clear()
    pieces = {paragraph: _pieces(paragraph) for paragraph in paragraphs}
    _scan_pieces([each for parts in pieces.values() for each in parts if each not in _remembered])
    for paragraph, parts in pieces.items():
        spans: list[tuple[int, int]] = []
        at = 0
        for part in parts:
            spans += [(at + start, at + end) for start, end in _remembered.get(part, ())]
            at += len(part)
        _remembered[paragraph] = tuple(spans)


def _pieces(paragraph: str) -> list[str]:
    """The paragraph, or the pieces of a long one."""
    if len(paragraph) <= _LONG_PARAGRAPH:
        return [paragraph]
    borders = [0, *(match.end() for match in _MARGIN.finditer(paragraph)), len(paragraph)]
    return [paragraph[start:end] for start, end in pairwise(borders)]


def _scan_pieces(pieces: list[str]) -> None:
    """Scan pieces and cache the results."""
    if not pieces:
        return
    found = iter([*join_spans(_scan(_PARAGRAPH.join(pieces))), (-1, -1)])
    start, end = next(found)
    at = 0
    for piece in pieces:
        spans = []
        while at <= start < at + len(piece):
            spans.append((start - at, min(end - at, len(piece))))
            start, end = next(found)
        _remembered[piece] = tuple(spans)
        at += len(piece) + len(_PARAGRAPH)


def _scan(text: str) -> Iterator[tuple[int, int]]:
    lower = _lower_same_length(text)
    yield from named_secrets(text, lower)
    yield from secrets_in_addresses(text, lower)
    yield from secrets_in_blocks(text, lower)
    words = [m.span() for m in _LONG_WORD.finditer(text) if _DIGIT.search(text, *m.span())]
    yield from rows_of_base64(text, words)
    yield from _in_lines_of(text, words)


def _in_lines_of(text: str, words: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Tokens of a known format in the lines that contain a long word with a digit."""
    done = 0
    for start, end in words:
        if is_drawn_alone(text, start, end):
            yield start, end
        if end <= done:
            continue
        at = max(done, text.rfind("\n", 0, start) + 1)
        stop = text.find("\n", end)
        done = len(text) if stop < 0 else stop
        for first, last in known_secrets(text, at, done):
            if not is_filled_in_later(text[first:last]):
                yield first, last


def _lower_same_length(text: str) -> str:
    """Lower case of the same length: the lower-case form of some letters is longer."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(each.lower() if each.isascii() else each for each in text)


def join_spans(spans: Iterable[tuple[int, int]]) -> Spans:
    """The sorted spans with overlapping ones merged."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
