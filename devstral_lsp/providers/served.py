"""A provider put together of its parts: a caller, ways to fill gaps, conversations.

Each provider's own file names the parts; everything that a FimProvider and a ChatProvider must do
besides is here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Protocol

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, Limits, ModelFacts
from devstral_lsp.providers.caller import Caller
from devstral_lsp.providers.ladder import Ladder, Way
from devstral_lsp.providers.patience import under_one_limit


class Conversations(Protocol):
    """What answers conversations at an endpoint."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]: ...


class Served:
    """A FimProvider and a ChatProvider of its parts; `ways` from the best to the last resort."""

    def __init__(self, caller: Caller, chat: Conversations, ways: Sequence[Way]) -> None:
        self.name = caller.name
        self._caller = caller
        self._chat = chat
        self._ladder = Ladder(caller, ways)

    @property
    def limits(self) -> Limits:
        return self._caller.limits

    @under_one_limit
    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text in the way that works here. Raises ProviderError."""
        return self._ladder.fim(request)

    @under_one_limit
    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        return self._chat.chat(request)

    async def sees_images(self) -> bool:
        """Whether the model takes images, as the endpoint says of it; False if it says nothing."""
        return await self._caller.sees_images()

    async def facts(self, *, for_fim: bool) -> ModelFacts:
        """What the endpoint says of the model in use."""
        return await self._caller.facts(for_fim=for_fim)

    async def warm(self) -> None:
        """Connect, learn which models there are, and find the way. Never raises ProviderError."""
        await self._caller.offer.ask()
        with suppress(ProviderError):
            await self._ladder.settled()

    async def close(self) -> None:
        await self._ladder.close()
        await self._caller.close()
