"""A chat provider that says what the test wrote down, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import ChatRequest, Chunk, FinishReason


@dataclass(frozen=True, slots=True)
class Saying:
    """An answer in pieces, and how it ends. Without an end it hangs."""

    pieces: tuple[str, ...] = ()
    finish: FinishReason | None = FinishReason.STOP


@dataclass(slots=True)
class Asked:
    """One request, and whether its stream was closed."""

    request: ChatRequest
    closed: bool = False


class ScriptedChat:
    """A `ChatProvider`, and one that tells whether its model sees."""

    def __init__(self, *answers: str | Saying | ProviderError, sees: bool = False) -> None:
        self.name = "scripted"
        self.asked: list[Asked] = []
        self.sees = sees
        self.closed = False
        self.was_asked = asyncio.Event()
        self._answers = list(answers)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        asked = Asked(request)
        self.asked.append(asked)
        answer = self._answers.pop(0)
        self.was_asked.set()
        try:
            if isinstance(answer, ProviderError):
                raise answer
            saying = Saying((answer,)) if isinstance(answer, str) else answer
            for piece in saying.pieces:
                yield Chunk(piece)
            if saying.finish is None:
                await asyncio.Event().wait()
            yield Chunk(finish=saying.finish)
        finally:
            asked.closed = True

    async def supports_images(self) -> bool:
        return self.sees

    async def close(self) -> None:
        self.closed = True
