"""Where the text before the cursor has stood before, and what followed it there.

A `NgramContext` is the tokens before the place to be continued; `find_matches` finds the places in
blocks that end in the same tokens and tells how far back they agree. Knows no probabilities and no
request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from devstral_lsp.local.document_index import OPEN_DOCUMENT
from devstral_lsp.local.ngram_index import ORDERS, SHORT, IndexedPassage, context_key
from devstral_lsp.local.normalize import PIECE, TOKEN

LADDER = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Tokens of agreement that are told apart."""

_ENOUGH = 32
"""Sightings with long agreement after which shorter agreement is not looked for."""

_PER_BLOCK = 64
"""Places with short agreement that are looked at in one block."""

_NEAR = 200
"""Blocks in which short agreement is looked for, the first ones."""

_MOST = 160
"""Sightings that are enough in any case; those in the open document come first."""

_LOOKS = 800
"""Places that are compared with the context at most: a bound on time."""


class NgramMatch(NamedTuple):
    """A place where the context stood. A tuple because hundreds are made at every step."""

    block: IndexedPassage
    place: int
    """Offset in the block's text where `piece` starts."""
    order: int
    """Steps of LADDER on which it agrees."""
    piece: str
    own: bool
    """Whether it is in the open document."""


class NgramContext:
    """The tokens before a place. `partial` is a word, or blanks, still being typed there."""

    __slots__ = ("_tails", "key", "partial", "tokens")

    def __init__(self, tokens: Sequence[str], partial: str) -> None:
        self.tokens = tokens[-LADDER[-1] :]
        self.partial = partial
        self.key = context_key(self.tokens)
        self._tails = ["".join(self.tokens[-n:]) for n in LADDER if n <= len(self.tokens)]

    @classmethod
    def of(cls, flat: str) -> NgramContext:
        """The context at the end of flat text."""
        tokens = TOKEN.findall(flat)
        partial = tokens.pop() if tokens and _may_grow(tokens[-1]) else ""
        return cls(tokens, partial)

    def extend(self, piece: str) -> NgramContext:
        """The context after `piece` has been written here."""
        return NgramContext([*self.tokens, *TOKEN.findall(self.partial + piece)], "")

    def common_suffix_length(self, text: str, place: int) -> int:
        """How many steps of LADDER `text` agrees on before `place`; 0 is a false hit."""
        for rung, tail in enumerate(self._tails):
            if not text.endswith(tail, 0, place):
                return rung
        return len(self._tails)


def find_matches(context: NgramContext, blocks: Sequence[IndexedPassage]) -> list[NgramMatch]:
    """Places like `context` in `blocks`: long agreement first, then what the first blocks hold."""
    found: dict[tuple[int, int], NgramMatch] = {}
    looks = 0
    for order, per_block, near in ((ORDERS, _MOST, blocks), (SHORT, _PER_BLOCK, blocks[:_NEAR])):
        if len(context.tokens) < order or len(found) >= _ENOUGH:
            continue
        for number, block in enumerate(near):
            if not block.might_contain(context.key, order):
                continue
            places = block.places(context.key, order, per_block)
            looks += len(places)
            for place in places:
                if (number, place) not in found and (seen := _sighting(context, block, place)):
                    found[number, place] = seen
            if len(found) >= _MOST or looks >= _LOOKS:
                return list(found.values())
    return list(found.values())


def _sighting(context: NgramContext, block: IndexedPassage, place: int) -> NgramMatch | None:
    text, partial = block.text, context.partial
    if not text.startswith(partial, place):
        return None
    rung = context.common_suffix_length(text, place)
    if not rung:
        return None
    start = place + len(partial)
    match = PIECE.match(text, start)
    piece = match[0] if match else "\n"
    return NgramMatch(block, start, rung, piece, block.name == OPEN_DOCUMENT)


def _may_grow(token: str) -> bool:
    last = token[-1]
    return token[0] != "\n" and (last.isalnum() or last == "_" or last.isspace())
