"""Find earlier occurrences of the text before the cursor, and what followed them.

An `NgramContext` holds the tokens before the place to continue. `find_matches` finds places in
blocks after the same tokens, with the length of their common context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from devstral_lsp.local.document_index import OPEN_DOCUMENT
from devstral_lsp.local.ngram_index import ORDERS, SHORT, IndexedPassage, context_key
from devstral_lsp.local.normalize import PIECE, TOKEN

CONTEXT_LENGTHS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Lengths of common context in tokens; a match's `order` is the number of those it reaches."""

_ENOUGH_LONG_MATCHES = 32
"""Matches with long context after which shorter context is not searched."""

_MAX_PLACES_IN_BLOCK = 64
"""Places with short context that are searched in one block."""

_MAX_BLOCKS = 200
"""Blocks, from the first, in which short context is searched."""

_MAX_MATCHES = 160
"""Maximum number of matches; those in the open document come first."""

_MAX_COMPARISONS = 800
"""Maximum number of places that are compared with the context, to bound the time."""


class NgramMatch(NamedTuple):
    """An earlier occurrence of the context. A tuple, because each step creates hundreds."""

    block: IndexedPassage
    place: int
    """Offset in the block's text where `piece` starts."""
    order: int
    """Number of CONTEXT_LENGTHS over which the context is equal."""
    piece: str
    own: bool
    """Whether it is in the open document."""


class NgramContext:
    """The tokens before a place. `partial` is a word or whitespace that is still being typed."""

    __slots__ = ("_tails", "key", "partial", "tokens")

    def __init__(self, tokens: Sequence[str], partial: str) -> None:
        self.tokens = tokens[-CONTEXT_LENGTHS[-1] :]
        self.partial = partial
        self.key = context_key(self.tokens)
        self._tails = ["".join(self.tokens[-n:]) for n in CONTEXT_LENGTHS if n <= len(self.tokens)]

    @classmethod
    def of(cls, flat: str) -> NgramContext:
        """The context at the end of flat text."""
        tokens = TOKEN.findall(flat)
        partial = tokens.pop() if tokens and _may_grow(tokens[-1]) else ""
        return cls(tokens, partial)

    def extend(self, piece: str) -> NgramContext:
        """The context after `piece`."""
        return NgramContext([*self.tokens, *TOKEN.findall(self.partial + piece)], "")

    def common_suffix_length(self, text: str, place: int) -> int:
        """The number of CONTEXT_LENGTHS over which `text` before `place` equals the context; 0 if
        none."""
        for order, tail in enumerate(self._tails):
            if not text.endswith(tail, 0, place):
                return order
        return len(self._tails)


def find_matches(context: NgramContext, blocks: Sequence[IndexedPassage]) -> list[NgramMatch]:
    """Matches in `blocks`: long contexts first, then short ones in the first blocks."""
    found: dict[tuple[int, int], NgramMatch] = {}
    looks = 0
    for order, per_block, near in (
        (ORDERS, _MAX_MATCHES, blocks),
        (SHORT, _MAX_PLACES_IN_BLOCK, blocks[:_MAX_BLOCKS]),
    ):
        if len(context.tokens) < order or len(found) >= _ENOUGH_LONG_MATCHES:
            continue
        for number, block in enumerate(near):
            if not block.might_contain(context.key, order):
                continue
            places = block.places(context.key, order, per_block)
            looks += len(places)
            for place in places:
                if (number, place) not in found and (seen := _to_match(context, block, place)):
                    found[number, place] = seen
            if len(found) >= _MAX_MATCHES or looks >= _MAX_COMPARISONS:
                return list(found.values())
    return list(found.values())


def _to_match(context: NgramContext, block: IndexedPassage, place: int) -> NgramMatch | None:
    text, partial = block.text, context.partial
    if not text.startswith(partial, place):
        return None
    order = context.common_suffix_length(text, place)
    if not order:
        return None
    start = place + len(partial)
    match = PIECE.match(text, start)
    piece = match[0] if match else "\n"
    return NgramMatch(block, start, order, piece, block.name == OPEN_DOCUMENT)


def _may_grow(token: str) -> bool:
    last = token[-1]
    return token[0] != "\n" and (last.isalnum() or last == "_" or last.isspace())
