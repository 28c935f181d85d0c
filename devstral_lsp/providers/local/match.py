"""Where the text before the cursor has stood before, and what followed it there.

A `Context` is the tokens before the place to be continued; `sightings` finds the places in blocks
that end in the same tokens and tells how far back they agree. Knows no probabilities and no
request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devstral_lsp.providers.local.block import ORDERS, Block, context_key
from devstral_lsp.providers.local.flat import PIECE, TOKEN

LADDER = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Tokens of agreement that are told apart."""

_ENOUGH = 48
"""Sightings after which shorter agreement is no longer looked for."""

_PER_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place that was found: `rung` counts the steps of LADDER on which it agrees."""

    block: Block
    place: int
    """Offset in the block's text where `piece` starts."""
    rung: int
    piece: str


class Context:
    """The tokens before a place, the last of which may be a word still being typed."""

    __slots__ = ("_tails", "key", "partial", "tokens")

    def __init__(self, tokens: Sequence[str], partial: str) -> None:
        self.tokens = tokens
        self.partial = partial
        self.key = context_key(tokens)
        self._tails = ["".join(tokens[-n:]) for n in LADDER if n <= len(tokens)]

    @classmethod
    def of(cls, flat: str) -> Context:
        """The context at the end of flat text; a word or blank at its end is still being typed."""
        tokens = TOKEN.findall(flat)
        partial = ""
        if tokens and _may_grow(tokens[-1]):
            partial = tokens.pop()
        return cls(tokens, partial)

    def then(self, piece: str) -> Context:
        """The context after `piece` has been written here."""
        return Context([*self.tokens, *TOKEN.findall(self.partial + piece)], "")

    def agreement(self, text: str, place: int) -> int:
        """How many steps of LADDER `text` agrees on before `place`; 0 is a false hit."""
        rung = 0
        for tail in self._tails:
            if not text.endswith(tail, 0, place):
                break
            rung += 1
        return rung


def sightings(context: Context, blocks: Iterable[Block]) -> list[Sighting]:
    """Places like `context` in `blocks`, with longer agreement first where there are many."""
    found: list[Sighting] = []
    seen: set[tuple[int, int]] = set()
    if len(context.tokens) < LADDER[0]:
        return found
    alike = [block for block in blocks if block.places(context.key, LADDER[0], 1)]
    for order in range(min(ORDERS, len(context.tokens)), LADDER[0] - 1, -1):
        for block in alike:
            for place in block.places(context.key, order, _PER_BLOCK):
                if (mark := (id(block), place)) in seen:
                    continue
                seen.add(mark)
                sighting = _sighting(context, block, place)
                if sighting is not None:
                    found.append(sighting)
        if len(found) >= _ENOUGH:
            break
    return found


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
