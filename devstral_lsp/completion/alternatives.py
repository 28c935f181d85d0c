"""Further suggestions for a user who asks again by hand at the same place.

A model answers the same request the same way, so each further candidate is requested with a seed of
its own and a higher temperature; equal candidates are shown once. Knows the provider that it gets,
and no LSP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from devstral_lsp.completion.inflight import InflightStream
from devstral_lsp.completion.types import Completion, CompletionKind, CursorContext, Draft
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import Chunk, FimProvider, FimRequest, most_characters

FURTHER = 2
"""Candidates beyond the first: users do not cycle through more than three."""

TEMPERATURE = 0.8
"""At Mistral's advice for FIM, 0.1, three answers are three copies of one."""


async def request_alternatives(
    provider: FimProvider, request: FimRequest, place: CursorContext, kind: CompletionKind
) -> list[Draft]:
    """Up to FURTHER drafts, unfiltered and perhaps alike. A failure gives fewer of them."""
    asked = [_varied(request, number) for number in range(1, FURTHER + 1)]
    heard = [_hear(provider.fim(each), each, place, kind) for each in asked]
    return [draft for draft in await asyncio.gather(*heard) if draft is not None]


def deduplicate(completions: Sequence[Completion]) -> list[Completion]:
    """`completions` without those that differ from an earlier one by blanks alone."""
    first: dict[str, Completion] = {}
    for completion in completions:
        first.setdefault("".join(completion.text.split()), completion)
    return list(first.values())


def _varied(request: FimRequest, number: int) -> FimRequest:
    seed = (request.random_seed or 0) + number
    return replace(request, temperature=TEMPERATURE, random_seed=seed)


async def _hear(
    chunks: AsyncGenerator[Chunk, None],
    request: FimRequest,
    place: CursorContext,
    kind: CompletionKind,
) -> Draft | None:
    longest = most_characters(request.max_tokens)
    stream = InflightStream(place, kind, request.stop, chunks, lambda stream: None, longest)
    try:
        while not stream.done:
            await stream.wait_for_update()
    finally:
        stream.cancel()
    if stream.error is not None and not isinstance(stream.error, ProviderError):
        raise stream.error
    return stream.draft_at(place, kind) if stream.error is None else None
