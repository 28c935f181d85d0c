"""From an endpoint's events to chunks: the loop that is the same for every wire.

What an event holds is known to the reply that it is given to; how bytes travel, to `http.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Protocol

from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, FinishReason, most_characters
from devstral_lsp.providers.http.client import DRAIN_TIMEOUT_S


class StreamDecoder(Protocol):
    """One answer as it grows, on one wire."""

    @property
    def finish(self) -> FinishReason | None:
        """None until an event has said why the answer ends."""

    def read(self, event: Mapping[str, Any]) -> str:
        """Take one event and give its text. Raises ProviderError."""

    def last(self) -> Chunk:
        """The chunk that ends the stream."""


async def decode_stream(
    events: AsyncGenerator[dict[str, Any], None], reply: StreamDecoder, tokens: int
) -> AsyncGenerator[Chunk, None]:
    """Give each piece of text, then the last chunk once the connection is free again.

    Raises InvalidResponse where the text has more than the `tokens` that were asked for, whoever
    counts.
    """
    left = 2 * most_characters(tokens)
    async with aclosing(events):
        async for event in events:
            if text := reply.read(event):
                left -= len(text)
                if left < 0:
                    raise InvalidResponse(
                        f"The endpoint goes on beyond the {tokens} tokens that it was asked for: "
                        "the connection was closed. Check the model, or the server at base_url."
                    )
                yield Chunk(text)
            if reply.finish is not None:
                await _read_rest(events, reply)
    yield reply.last()


async def _read_rest(events: AsyncGenerator[dict[str, Any], None], reply: StreamDecoder) -> None:
    """Read what may follow the finish: usage, the end mark. Its failures no longer matter."""
    with suppress(TimeoutError, ProviderError):
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            async for event in events:
                reply.read(event)
