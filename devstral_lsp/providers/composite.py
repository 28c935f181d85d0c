"""A provider put together of its parts: a caller, ways to fill gaps, conversations.

Each provider's own file names the parts; everything that a FimProvider and a ChatProvider must do
besides is here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Protocol

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, ModelInfo, ProviderLimits
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import FimStrategy, FimStrategySelector
from devstral_lsp.providers.http.timeouts import shared_deadline


class ChatBackend(Protocol):
    """What answers conversations at an endpoint."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]: ...


class CompositeProvider:
    """A FimProvider and a ChatProvider of its parts; `ways` from the best to the last resort."""

    def __init__(
        self, caller: EndpointClient, chat: ChatBackend, ways: Sequence[FimStrategy]
    ) -> None:
        self.name = caller.name
        self._caller = caller
        self._chat = chat
        self._ladder = FimStrategySelector(caller, ways)

    @property
    def limits(self) -> ProviderLimits:
        return self._caller.limits

    @shared_deadline
    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text in the way that works here. Raises ProviderError."""
        return self._ladder.fim(request)

    @shared_deadline
    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        return self._chat.chat(request)

    async def supports_images(self) -> bool:
        """Whether the model takes images, as the endpoint says of it; False if it says nothing."""
        return await self._caller.supports_images()

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """What the endpoint says of the model in use."""
        return await self._caller.model_info(for_fim=for_fim)

    async def warm(self) -> None:
        """Connect, learn which models there are, and find the way. Never raises ProviderError."""
        await self._caller.model_list.fetch()
        with suppress(ProviderError):
            await self._ladder.selected()

    async def close(self) -> None:
        await self._ladder.close()
        await self._caller.close()
