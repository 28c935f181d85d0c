"""Reading a provider's stream to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from devstral_lsp.providers.base import Chunk


async def collect(chunks: AsyncGenerator[Chunk, None]) -> list[Chunk]:
    async with aclosing(chunks):
        return [chunk async for chunk in chunks]


async def text_of(chunks: AsyncGenerator[Chunk, None]) -> str:
    return "".join(chunk.text for chunk in await collect(chunks))
