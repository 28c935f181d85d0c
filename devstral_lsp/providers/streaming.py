"""From an endpoint's events to chunks: the loop that all APIs share; decoders read the events."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any

from devstral_lsp.errors import InvalidResponse, ProviderError
from devstral_lsp.providers.base import Chunk, FinishReason, Usage, most_characters
from devstral_lsp.providers.http.response import DRAIN_TIMEOUT_S


class StreamDecoder(ABC):
    """Reads one answer while it streams, in the format of one API."""

    def __init__(self) -> None:
        self.finish: FinishReason | None = None
        """None until an event has given a finish reason."""
        self.usage: Usage | None = None
        self.tool_calls: dict[int, dict[str, Any]] = {}
        """By their index, in the shape of OpenAI's API."""

    @abstractmethod
    def read(self, event: Mapping[str, Any]) -> str:
        """Take one event and return its text. Raises ProviderError."""

    def last(self) -> Chunk:
        """The chunk that ends the stream; INCOMPLETE if no event gave a finish reason."""
        return Chunk(
            finish=self.finish or FinishReason.INCOMPLETE,
            usage=self.usage,
            tool_calls=tuple(self.tool_calls[index] for index in sorted(self.tool_calls)),
        )


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
