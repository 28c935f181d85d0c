"""A passage of flat text with an index of what stands before each of its tokens.

The index is one sorted array of 64-bit numbers: twelve bits of the hash of each of the four tokens
before a place, nearest first, then the place. All places after the same one to four tokens thus
stand side by side, found by bisection, at eight bytes a token and no object per token. Hashes may
collide: who uses a place compares the text. Knows no request and no other block.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from zlib import crc32

from devstral_lsp.local.normalize import TOKEN

ORDERS = 4
"""Tokens that an index key looks back."""

SHORT = 2
"""The fewest tokens that a place can be looked up by."""

_BITS = 12
_MASK = (1 << _BITS) - 1
_PLACE_BITS = 16
_PLACE_MASK = (1 << _PLACE_BITS) - 1
_TOP = _BITS * (ORDERS - 1)

OVERLAP = 600
"""Code points of the text before a block that it keeps, to compare what stands before a place."""

PASSAGE = 16_000
"""Code points of source per block; with OVERLAP and marks they stay below 2 ** 16."""


class IndexedPassage:
    """Flat text and its index. `name` tells where the text is from."""

    __slots__ = ("_keys", "_pairs", "_quads", "name", "text")

    def __init__(self, name: str, before: str, text: str) -> None:
        """Index `text`; `before` is the flat text in front of it."""
        overlap = before[-OVERLAP:]
        self.name = name
        self.text = overlap + text
        self._keys = _index(self.text, len(overlap))
        self._pairs = _digests(self._keys, SHORT)
        self._quads = _digests(self._keys, ORDERS)

    @property
    def size_bytes(self) -> int:
        return sum(map(sys.getsizeof, (self.text, self._keys, self._pairs, self._quads)))

    def might_contain(self, key: int, order: int) -> bool:
        """False if the last `order` tokens (SHORT or ORDERS) of `key` are not here: a quick no."""
        bits = self._quads if order == ORDERS else self._pairs
        digest = _fold(key >> _BITS * (ORDERS - order)) & (len(bits) << 3) - 1
        return bool(bits[digest >> 3] >> (digest & 7) & 1)

    def places(self, key: int, order: int, most: int) -> list[int]:
        """Offsets after the last `order` tokens of context `key`, at most `most` of them."""
        shift = _PLACE_BITS + _BITS * (ORDERS - order)
        low = key >> _BITS * (ORDERS - order)
        first = bisect_left(self._keys, low << shift)
        last = bisect_left(self._keys, (low + 1) << shift, first)
        return [entry & _PLACE_MASK for entry in self._keys[first : min(last, first + most)]]


def context_key(tokens: Sequence[str]) -> int:
    """The key of a place after `tokens`, of which the last ORDERS count."""
    key = 0
    for token in tokens[-ORDERS:]:
        key = key >> _BITS | _hash(token) << _TOP
    return key


def _hash(token: str) -> int:
    """The same in every process, unlike Python's own, so that answers are too."""
    return crc32(token.encode("utf-8", "surrogatepass")) & _MASK


def _digests(keys: array[int], order: int) -> bytes:
    """All contexts of `order` tokens as bits at their digests, in a power of two of bytes."""
    bits = bytearray(1 << max(0, len(keys) - 1).bit_length())
    shift = _PLACE_BITS + _BITS * (ORDERS - order)
    mask = (len(bits) << 3) - 1
    for context in {key >> shift for key in keys}:
        digest = _fold(context) & mask
        bits[digest >> 3] |= 1 << (digest & 7)
    return bytes(bits)


def _fold(context: int) -> int:
    return context ^ context >> 2 * _BITS


def _index(text: str, start: int) -> array[int]:
    key, entries = 0, []
    hashes: dict[str, int] = {}
    for match in TOKEN.finditer(text):
        if (place := match.start()) >= start:
            entries.append(key << _PLACE_BITS | place)
        token = match[0]
        if (hashed := hashes.get(token)) is None:
            hashed = hashes[token] = _hash(token) << _TOP
        key = key >> _BITS | hashed
    entries.sort()
    return array("Q", entries)
