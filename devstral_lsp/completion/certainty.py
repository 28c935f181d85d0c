"""Where a model is no longer certain of what it says.

A guess is followed by text that depends on it, so that an answer ends at its first guess. Without
probabilities an answer ends where the model ends it.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing

from devstral_lsp.providers.base import Chunk, FinishReason

MIN_TOKEN_LOGPROB = math.log(0.3)
"""Of a token that is believed. On seeds 1 and 2 of `benchmarks.replay.rehearsal --logprobs`, 0.5
and 0.4 for a line left 90 % of the texts right instead of 86 %, but took 15 requests per 100 keys
instead of 13 and left more pauses without an answer."""

MIN_LINE_LOGPROB = math.log(0.2)
"""Of all tokens of a line together."""


async def until_uncertain(chunks: AsyncGenerator[Chunk, None]) -> AsyncGenerator[Chunk, None]:
    """The answer before the first token of which the model is not certain.

    Its last chunk then says UNCERTAIN, and ends the line or the word that the guess would not have
    continued. Raises what `chunks` raises.
    """
    line = 0.0
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.logprob is not None:
                line += chunk.logprob
                if chunk.logprob < MIN_TOKEN_LOGPROB or line < MIN_LINE_LOGPROB:
                    yield Chunk(_end_before(chunk.text), finish=FinishReason.UNCERTAIN)
                    return
            if "\n" in chunk.text:
                line = 0.0
            yield chunk


def _end_before(guess: str) -> str:
    if guess.lstrip(" \t\r").startswith("\n"):
        return "\n"
    return "" if guess[:1].isalnum() or guess[:1] == "_" else " "
