"""Further suggestions for a user who asks again by hand at the same place.

One model asked twice the same way says the same twice, so each further candidate is asked with a
seed of its own and a higher temperature; what comes out the same is shown once. Knows the provider
it is given and no LSP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from devstral_lsp.completion.request import Completion, Draft, Kind, Place, with_newlines
from devstral_lsp.completion.stop import cut_at_stop, enough, unit
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import Chunk, FimProvider, FimRequest, Finish

FURTHER = 2
"""Candidates beyond the first: three are as many as anybody cycles through."""

TEMPERATURE = 0.8
"""At Mistral's advice for FIM, 0.1, three answers are three copies of one."""


async def further(
    provider: FimProvider, request: FimRequest, place: Place, kind: Kind
) -> list[Draft]:
    """Up to FURTHER drafts, unfiltered and perhaps alike. A failure gives fewer of them."""
    asked = [_varied(request, number) for number in range(1, FURTHER + 1)]
    heard = [_hear(provider.fim(each), each.stop, place, kind) for each in asked]
    return [draft for draft in await asyncio.gather(*heard) if draft is not None]


def distinct(completions: Sequence[Completion]) -> list[Completion]:
    """`completions` without those that differ from an earlier one by blanks alone."""
    first: dict[str, Completion] = {}
    for completion in completions:
        first.setdefault("".join(completion.text.split()), completion)
    return list(first.values())


def _varied(request: FimRequest, number: int) -> FimRequest:
    seed = (request.random_seed or 0) + number
    return replace(request, temperature=TEMPERATURE, random_seed=seed)


async def _hear(
    chunks: AsyncGenerator[Chunk, None], stops: Sequence[str], place: Place, kind: Kind
) -> Draft | None:
    text, finish = "", Finish.STOP
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                finish = chunk.finish or finish
                text, stopped = cut_at_stop(with_newlines(text + chunk.text), stops)
                if stopped or enough(text, place, kind):
                    break
    except ProviderError:
        return None
    first = unit(text, place, kind, ended=True)
    return Draft(text=first, kind=kind, finish=finish) if first else None
