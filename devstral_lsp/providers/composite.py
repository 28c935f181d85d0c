"""A provider made of its parts: an endpoint's client, FIM strategies, chat.

Each vendor's file names the parts; what else FimProvider and ChatProvider require is here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Protocol

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, ModelInfo
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import FimStrategy, FimStrategySelector
from devstral_lsp.providers.fim.via_chat import GapsByChat
from devstral_lsp.providers.metering import ProviderLimits


class ChatBackend(Protocol):
    """The chat API of an endpoint."""

    @property
    def can_prefill(self) -> bool:
        """Whether it continues a last message that we began."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]: ...


class CompositeProvider:
    """A FimProvider and a ChatProvider made of its parts.

    `strategies` come in order of preference; after them all, gaps are filled by chat. `sees` asks
    the server whether the model takes images, where its list of models does not say.
    """

    def __init__(
        self,
        client: EndpointClient,
        chat: ChatBackend,
        strategies: Sequence[FimStrategy],
        *,
        sees: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.name = client.name
        self._client = client
        self._chat = chat
        self._sees = sees
        self._selector = FimStrategySelector(client, (*strategies, _ChatStrategy(client, chat)))

    @property
    def limits(self) -> ProviderLimits:
        return self._client.limits

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text by the strategy that works here. Raises ProviderError."""
        return self._client.http.answer(request, self._selector.fim)

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Raises ProviderError."""
        return self._client.http.answer(request, self._chat.chat)

    async def supports_images(self) -> bool:
        """Whether the model takes images, according to the endpoint; False if it does not say."""
        model = await self._client.model(for_fim=False)
        await self._client.model_list.fetch()
        card = self._client.model_list.card(model)
        if card is not None and card.vision:
            return True
        with suppress(ProviderError):
            return self._sees is not None and await self._sees()
        return False

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """What the endpoint says about the model in use."""
        return await self._client.model_info(for_fim=for_fim)

    async def warm(self) -> None:
        """Connect, list the models, and select a strategy. Never raises ProviderError."""
        await self._client.model_list.fetch()
        with suppress(ProviderError):
            await self._selector.selected()

    async def close(self) -> None:
        await self._selector.close()
        await self._client.close()


class _ChatStrategy:
    """Fills a gap by chat, and tells the user once that this is slower and more expensive."""

    name = "chat"
    evidence = "since no other way was found"

    def __init__(self, client: EndpointClient, chat: ChatBackend) -> None:
        self._client = client
        self._gaps = GapsByChat(chat.chat, can_prefill=chat.can_prefill)

    async def is_supported(self) -> bool:
        return True

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text."""
        model = await self._client.model(for_fim=True)
        self._client.notify_once(
            "no-fim",
            f"No fill-in-the-middle was found for {model or 'the model'} at {self._client.name}. "
            "Gaps are filled by its chat endpoint instead, which is slower and dearer.",
        )
        async with aclosing(self._gaps.fim(request)) as chunks:
            async for chunk in chunks:
                yield chunk
