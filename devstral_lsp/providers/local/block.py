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

from devstral_lsp.providers.local.flat import TOKEN

ORDERS = 4
"""Tokens that an index key looks back."""

_BITS = 12
_MASK = (1 << _BITS) - 1
_PLACE_BITS = 16
_TOP = _BITS * (ORDERS - 1)

OVERLAP = 600
"""Code points of the text before a block that it keeps, to compare what stands before a place."""

PASSAGE = 16_000
"""Code points of source per block; with OVERLAP and marks they stay below 2 ** 16."""


class Block:
    """Flat text and its index. `name` tells where the text is from."""

    __slots__ = ("_keys", "name", "text")

    def __init__(self, name: str, before: str, text: str) -> None:
        """Index `text`; `before` is the flat text in front of it."""
        overlap = before[-OVERLAP:]
        self.name = name
        self.text = overlap + text
        self._keys = _index(self.text, len(overlap))

    @property
    def size_bytes(self) -> int:
        return sys.getsizeof(self.text) + self._keys.itemsize * len(self._keys)

    def places(self, key: int, order: int, most: int) -> list[int]:
        """Offsets after the last `order` tokens of context `key`, at most `most` of them."""
        shift = _PLACE_BITS + _BITS * (ORDERS - order)
        low = key >> _BITS * (ORDERS - order)
        keys = self._keys
        first = bisect_left(keys, low << shift)
        if first == len(keys) or keys[first] >> shift != low:
            return []
        last = bisect_left(keys, (low + 1) << shift, first)
        return [entry & 0xFFFF for entry in keys[first : min(last, first + most)]]


def context_key(tokens: Sequence[str]) -> int:
    """The key of a place after `tokens`, of which the last ORDERS count."""
    key = 0
    for token in tokens[-ORDERS:]:
        key = key >> _BITS | _hash(token) << _TOP
    return key


def _hash(token: str) -> int:
    """The same in every process, unlike Python's own, so that answers are too."""
    return crc32(token.encode("utf-8", "surrogatepass")) & _MASK


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
