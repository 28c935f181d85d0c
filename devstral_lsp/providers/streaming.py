"""From an endpoint's events to chunks: the loop that all APIs share; decoders read the events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Protocol

from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, FinishReason, most_characters
from devstral_lsp.providers.http.response import DRAIN_TIMEOUT_S


class StreamDecoder(Protocol):
    """Reads one answer while it streams, in the format of one API."""

    @property
    def finish(self) -> FinishReason | None:
        """None until an event has given a finish reason."""

    def read(self, event: Mapping[str, Any]) -> str:
        """Take one event and give its text. Raises ProviderError."""

    def last(self) -> Chunk:
        """The chunk that ends the stream."""


async def decode_stream(
    events: AsyncGenerator[dict[str, Any], None], decoder: StreamDecoder, max_tokens: int
) -> AsyncGenerator[Chunk, None]:
    """Yield each piece of text, then the last chunk once the connection is free again.

    Raises InvalidResponse where the text is certainly longer than `max_tokens`.
    """
    left = 2 * most_characters(max_tokens)
    async with aclosing(events):
        async for event in events:
            if text := decoder.read(event):
                left -= len(text)
                if left < 0:
                    raise InvalidResponse(
                        f"The endpoint goes on beyond the {max_tokens} tokens it was asked for, "
                        "so the connection was closed. Check the model, or the server at base_url."
                    )
                yield Chunk(text)
            if decoder.finish is not None:
                await _read_rest(events, decoder)
    yield decoder.last()


async def _read_rest(events: AsyncGenerator[dict[str, Any], None], decoder: StreamDecoder) -> None:
    """Read what may follow the finish: usage, the end mark. Its failures no longer matter."""
    with suppress(TimeoutError, ProviderError):
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            async for event in events:
                decoder.read(event)
