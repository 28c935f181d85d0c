"""Where the text before the cursor has stood before, and what followed it there.

A `Context` is the tokens before the place to be continued; `sightings` finds the places in blocks
that end in the same tokens and tells how far back they agree. Knows no probabilities and no
request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devstral_lsp.providers.local.block import ORDERS, Block, context_key
from devstral_lsp.providers.local.document import OPEN_DOCUMENT
from devstral_lsp.providers.local.flat import PIECE, TOKEN

LADDER = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Tokens of agreement that are told apart."""

_ENOUGH = 48
"""Sightings after which shorter agreement is no longer looked for."""

_MOST = 160
"""Sightings that are looked at, those in the open document first: a bound on time."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place where the context stood: `rung` counts the steps of LADDER on which it agrees."""

    block: Block
    place: int
    """Offset in the block's text where `piece` starts."""
    rung: int
    piece: str

    @property
    def own(self) -> bool:
        """Whether it is in the open document."""
        return self.block.name == OPEN_DOCUMENT


class Context:
    """The tokens before a place. `partial` is a word, or blanks, still being typed there."""

    __slots__ = ("_tails", "key", "partial", "tokens")

    def __init__(self, tokens: Sequence[str], partial: str) -> None:
        self.tokens = tokens[-LADDER[-1] :]
        self.partial = partial
        self.key = context_key(self.tokens)
        self._tails = ["".join(self.tokens[-n:]) for n in LADDER if n <= len(self.tokens)]

    @classmethod
    def of(cls, flat: str) -> Context:
        """The context at the end of flat text."""
        tokens = TOKEN.findall(flat)
        partial = tokens.pop() if tokens and _may_grow(tokens[-1]) else ""
        return cls(tokens, partial)

    def then(self, piece: str) -> Context:
        """The context after `piece` has been written here."""
        return Context([*self.tokens, *TOKEN.findall(self.partial + piece)], "")

    def agreement(self, text: str, place: int) -> int:
        """How many steps of LADDER `text` agrees on before `place`; 0 is a false hit."""
        for rung, tail in enumerate(self._tails):
            if not text.endswith(tail, 0, place):
                return rung
        return len(self._tails)


def sightings(context: Context, blocks: Iterable[Block]) -> list[Sighting]:
    """Places like `context` in `blocks`, longest agreement first as far as the index tells."""
    if len(context.tokens) < LADDER[0]:
        return []
    alike = [block for block in blocks if block.places(context.key, LADDER[0], 1)]
    found: dict[tuple[int, int], Sighting] = {}
    for order in range(min(ORDERS, len(context.tokens)), LADDER[0] - 1, -1):
        for number, block in enumerate(alike):
            for place in block.places(context.key, order, _MOST - len(found)):
                sighting = _sighting(context, block, place)
                if sighting is not None:
                    found.setdefault((number, place), sighting)
        if len(found) >= _ENOUGH:
            break
    return list(found.values())


def _sighting(context: Context, block: Block, place: int) -> Sighting | None:
    text, partial = block.text, context.partial
    if not text.startswith(partial, place):
        return None
    rung = context.agreement(text, place)
    if not rung:
        return None
    start = place + len(partial)
    match = PIECE.match(text, start)
    return Sighting(block, start, rung, match[0] if match else "\n")


def _may_grow(token: str) -> bool:
    last = token[-1]
    return token[0] != "\n" and (last.isalnum() or last == "_" or last.isspace())
