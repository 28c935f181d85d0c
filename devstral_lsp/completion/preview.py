"""What a completion would send at a place, found out by the engine itself and sent nowhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from devstral_lsp.context.choice import Choice
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """`request` is None where nothing would be sent, and `reason` says why. `choices` are the
    pieces of context, those that are in the prompt and those that are not."""

    request: FimRequest | None
    choices: tuple[Choice, ...] = ()
    reason: str = ""


class PromptRecorder:
    """A FimProvider in an endpoint's place: keeps the first request, and answers with nothing."""

    name = "preview"

    def __init__(self, limits: ProviderLimits) -> None:
        """`limits` are those of the endpoint."""
        self.limits = limits
        self.request: FimRequest | None = None

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self.request = self.request or request
        yield Chunk(finish=FinishReason.STOP)

    async def warm(self) -> None:
        """There is nothing to connect to."""

    async def close(self) -> None:
        """There is nothing to close."""
