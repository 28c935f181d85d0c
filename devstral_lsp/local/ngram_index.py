"""Index a passage of flat text by the tokens before each of its tokens.

The index is a sorted array of 64-bit numbers: twelve bits of the hash of each of the four tokens
before a place, the nearest first, then the place. Places after the same one to four tokens are
therefore adjacent and found by bisection, at eight bytes per token and without an object per token.
Hashes may collide, so callers must compare the text.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from zlib import crc32

from devstral_lsp.local.normalize import TOKEN

ORDERS = 4
"""Tokens in an index key."""

SHORT = 2
"""Minimum number of tokens for a lookup."""

_BITS = 12
_MASK = (1 << _BITS) - 1
_PLACE_BITS = 16
_PLACE_MASK = (1 << _PLACE_BITS) - 1
_TOP = _BITS * (ORDERS - 1)

OVERLAP = 600
"""Code points before a block that it stores, to compare the text before a place."""

PASSAGE = 16_000
"""Code points of source per block; with OVERLAP and marks below 2 ** 16."""


class IndexedPassage:
    """Flat text with its index. `name` is the text's source."""

    __slots__ = ("_keys", "_pairs", "_quads", "name", "text")

    def __init__(self, name: str, before: str, text: str) -> None:
        """Index `text`; `before` is the flat text before it."""
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
        """Whether the last `order` tokens (SHORT or ORDERS) of `key` may occur here; False is
        certain."""
        bits = self._quads if order == ORDERS else self._pairs
        digest = _fold(key >> _BITS * (ORDERS - order)) & (len(bits) << 3) - 1
        return bool(bits[digest >> 3] >> (digest & 7) & 1)

    def places(self, key: int, order: int, most: int) -> list[int]:
        """At most `most` offsets that follow the last `order` tokens of context `key`."""
        shift = _PLACE_BITS + _BITS * (ORDERS - order)
        low = key >> _BITS * (ORDERS - order)
        first = bisect_left(self._keys, low << shift)
        last = bisect_left(self._keys, (low + 1) << shift, first)
        return [entry & _PLACE_MASK for entry in self._keys[first : min(last, first + most)]]


def context_key(tokens: Sequence[str]) -> int:
    """The index key of a place after `tokens`, of which the last ORDERS count."""
    key = 0
    for token in tokens[-ORDERS:]:
        key = key >> _BITS | _hash(token) << _TOP
    return key


def _hash(token: str) -> int:
    """A hash that is the same in every process, unlike Python's own, so that results are
    reproducible."""
    return crc32(token.encode("utf-8", "surrogatepass")) & _MASK


def _digests(keys: array[int], order: int) -> bytes:
    """A bit set of the digests of all contexts of `order` tokens; its size is a power of two."""
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
