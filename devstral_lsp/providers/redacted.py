"""Replaces secrets in every request by placeholders, and restores them in the answer.

This wraps the connected provider, so that no caller and no vendor's code can bypass it. Requests
that providers make on their own (model lists, probes) hold no user data.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from devstral_lsp.providers.base import (
    ActiveFallback,
    ChatProvider,
    ChatRequest,
    Chunk,
    FimProvider,
    FimRequest,
    FinishReason,
    HasFallback,
    ModelInfo,
    ProvidesModelInfo,
    SupportsVision,
)
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.secrets.placeholders import Placeholders, Restorer


class _Redacted:
    """What FIM and chat have in common."""

    def __init__(self, provider: Any, key: bytes) -> None:
        """`key` determines the placeholders: the same key gives the same ones."""
        self._provider = provider
        self._placeholders = Placeholders(key)

    @property
    def name(self) -> str:
        name: str = self._provider.name
        return name

    @property
    def active_fallback(self) -> ActiveFallback | None:
        """The fallback that answered last, if the provider has fallbacks."""
        return self._provider.active_fallback if isinstance(self._provider, HasFallback) else None

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """About the model, as far as the provider knows it."""
        if isinstance(self._provider, ProvidesModelInfo):
            return await self._provider.model_info(for_fim=for_fim)
        return ModelInfo(model="")

    async def close(self) -> None:
        await self._provider.close()


class RedactedFim(_Redacted):
    """A FimProvider that sends no secrets."""

    def __init__(self, provider: FimProvider, key: bytes) -> None:
        super().__init__(provider, key)

    @property
    def limits(self) -> ProviderLimits:
        limits: ProviderLimits = self._provider.limits
        return limits

    async def warm(self) -> None:
        await self._provider.warm()

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text. It ends before a secret that only another file holds, since that
        belongs there, and before a placeholder that the model changed.

        Raises ProviderError.
        """
        page = self._placeholders.page()
        prompt, suffix = page.redact_around(request.prompt, request.suffix)
        stop = tuple(page.redact(request.stop))
        own = request.prompt[request.context_length :] + request.suffix
        is_own = {each: secret in own for each, secret in page.replaced.items()}
        restorer = Restorer(
            {each: secret for each, secret in page.replaced.items() if is_own[each]},
            refused=[each for each in page.replaced if not is_own[each]],
            ends_when_broken=True,
        )
        asked = replace(request, prompt=prompt, suffix=suffix, stop=stop)
        async with aclosing(self._provider.fim(asked)) as chunks:
            async for chunk in restored(chunks, restorer):
                yield chunk


class RedactedChat(_Redacted):
    """A ChatProvider that sends no secrets."""

    def __init__(self, provider: ChatProvider, key: bytes) -> None:
        super().__init__(provider, key)

    async def supports_images(self) -> bool:
        """Whether a message may hold images. Never raises ProviderError."""
        return isinstance(self._provider, SupportsVision) and await self._provider.supports_images()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer; one that breaks a placeholder ends with FinishReason.SECRET_BROKEN.

        With tools, only the arguments of their calls count: the text changes nothing.
        Raises ProviderError.
        """
        page = self._placeholders.page()
        said = {
            "messages": list(request.messages),
            "prediction": request.prediction,
            "stop": request.stop,
        }
        redacted = page.redact_value(said)
        asked = replace(request, **{**redacted, "stop": tuple(redacted["stop"])})
        restorer = Restorer(page.replaced)
        async with aclosing(self._provider.chat(asked)) as chunks:
            async for chunk in restored(chunks, restorer):
                calls = tuple(page.restore_value(each) for each in chunk.tool_calls)
                is_broken = page.is_broken if request.tools else restorer.is_broken
                is_whole = chunk.finish in (FinishReason.STOP, FinishReason.TOOL_CALLS)
                finish = FinishReason.SECRET_BROKEN if is_broken and is_whole else chunk.finish
                yield replace(chunk, tool_calls=calls, finish=finish)


async def restored(
    chunks: AsyncGenerator[Chunk, None], restorer: Restorer
) -> AsyncGenerator[Chunk, None]:
    """The answer with the secrets restored."""
    async for chunk in chunks:
        text = restorer.feed(chunk.text)
        if chunk.finish is not None and not restorer.has_ended:
            text += restorer.finish()
        if restorer.has_ended:
            finish = FinishReason.SECRET_BROKEN if restorer.is_broken else FinishReason.INCOMPLETE
            yield replace(chunk, text=text, finish=finish)
            return
        yield replace(chunk, text=text)
    if text := restorer.finish():
        yield Chunk(text)
