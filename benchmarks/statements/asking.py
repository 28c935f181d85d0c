"""Asks the product's own completion engine, in process, with a model that says what it is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from benchmarks.statements.places import Hole
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Snapshot, Text

_CHUNK = (1, 9)
"""Code points of a chunk: a token has one to nine."""

RUN_ON = 1_500
"""Code points of what follows that a model says which does not stop by itself."""

_MAX_ACCEPTANCES = 45


class Scripted:
    """Implements `FimProvider`: says `text`, in pieces, to whatever it is asked."""

    name = "scripted"
    limits = ProviderLimits()

    def __init__(self, text: str, seed: int = 0) -> None:
        self.requests = 0
        self._text = text
        self._rng = random.Random(seed)

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self.requests += 1
        # What an endpoint's own stop strings do: the four that a wire takes.
        ends = [at for stop in request.stop[:4] if (at := self._text.find(stop)) >= 0]
        text, at = self._text[: min(ends, default=len(self._text))], 0
        while at < len(text):
            size = self._rng.randint(*_CHUNK)
            yield Chunk(text=text[at : at + size])
            at += size
            await asyncio.sleep(0)
        yield Chunk(finish=FinishReason.STOP)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What was put on the screen first, what the document became by accepting it, and by accepting
    again and again, and the requests that took."""

    first: str
    document: str
    last: str
    requests: int


def _instantly() -> Clock:
    """Real time, and no waiting."""

    async def sleep(_: float) -> None:
        for _ in range(200):
            await asyncio.sleep(0)

    return Clock(sleep_s=sleep)


async def ask(hole: Hole, said: str, *, again: bool = False) -> Shown:
    """What is shown of `said` at a hole; `again`: accepts until nothing more comes."""
    provider = Scripted(said)
    settings = Settings(completion=CompletionSettings(debounce_ms=0, speculate=False))
    completer = CompletionEngine(settings, fim=provider, local=None, clock=_instantly())
    text, offset = hole.before + hole.after, len(hole.before)
    first = document = ""
    try:
        for count in range(_MAX_ACCEPTANCES if again else 1):
            found = await completer.complete(_request(text, offset, count, hole.source.language))
            if not found or (count and provider.requests > 1):
                break
            text, offset = _accepted(text, found[0])
            if not count:
                first, document = found[0].text, text
            if len(text) - len(hole.rest) >= len(hole.before) + len(hole.truth):
                break
            for _ in range(400):  # the stream is heard on
                await asyncio.sleep(0)
    finally:
        await completer.close()
    return Shown(first, document or hole.before + hole.after, text, provider.requests)


def _request(text: str, offset: int, version: int, language: str) -> CompletionRequest:
    snapshot = Snapshot("file:///hole", version + 1, language, Text.of(text))
    return CompletionRequest(snapshot=snapshot, offset=offset)


def _accepted(text: str, completion: Completion) -> tuple[str, int]:
    span = completion.span
    return (
        text[: span.start] + completion.text + text[span.end :],
        span.start + len(completion.text),
    )
