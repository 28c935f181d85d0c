"""What a provider said, kept, so that the same question is asked only once.

Leaving out a filter changes no request: with a tape, judging each filter costs no second answer
and meets the same answers, whatever the model's temperature. Kept in a file, it lets a changed
filter be judged on yesterday's answers. Knows neither holes nor endpoints.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import Chunk, FimProvider, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits, Usage

_LISTENER_STEPS = 3
"""Turns of the event loop after which whoever listens to a stream has looked at its last chunk."""


@dataclass(slots=True)
class Heard:
    """One answer as far as it was listened to. `finish` is None where we hung up."""

    prompt: str
    suffix: str
    pieces: list[str] = field(default_factory=list)
    logprobs: list[float | None] = field(default_factory=list)
    finish: FinishReason | None = None
    usage: Usage | None = None
    failure: str = ""
    replayed: bool = False

    def take(self, chunk: Chunk) -> None:
        if chunk.text:
            self.pieces.append(chunk.text)
            self.logprobs.append(chunk.logprob)
        self.finish = chunk.finish or self.finish
        self.usage = chunk.usage or self.usage

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Tape:
    """All answers of a run, and those of earlier runs if `file` has them."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._heard: dict[str, Heard] = {}
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.last: Heard | None = None
        """The answer to the request asked last; None if none was asked since it was cleared."""
        if file is not None and file.exists():
            with file.open(encoding="utf-8") as rows:
                for row in rows:
                    self._recall(json.loads(row))

    async def idle(self) -> None:
        """Wait until no answer is under way."""
        await self._idle.wait()

    async def play(self, provider: FimProvider, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """What was heard for this request before, or else the provider's own answer."""
        key = _key(provider.name, request)
        known = self._heard.get(key)
        self._running += 1
        self._idle.clear()
        try:
            answer = self._replay(known) if known else self._record(key, provider, request)
            async with aclosing(answer) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _replay(self, known: Heard) -> AsyncGenerator[Chunk, None]:
        self.last = replace(known, replayed=True)
        for piece, logprob in zip_longest(known.pieces, known.logprobs):
            yield Chunk(piece, logprob=logprob)
            for _ in range(_LISTENER_STEPS):
                await asyncio.sleep(0)
        yield Chunk(finish=known.finish or FinishReason.INCOMPLETE, usage=known.usage)

    async def _record(
        self, key: str, provider: FimProvider, request: FimRequest
    ) -> AsyncGenerator[Chunk, None]:
        heard = self.last = Heard(request.prompt, request.suffix)
        try:
            async with aclosing(provider.fim(request)) as chunks:
                async for chunk in chunks:
                    heard.take(chunk)
                    yield chunk
        except ProviderError as error:
            heard.failure = str(error)
            raise
        finally:
            if not heard.failure:
                self._keep(key, heard)

    def _keep(self, key: str, heard: Heard) -> None:
        self._heard[key] = heard
        if self._file is not None:
            row = asdict(heard) | {"finish": heard.finish.value if heard.finish else None}
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key} | row) + "\n")

    def _recall(self, row: dict[str, Any]) -> None:
        key = row.pop("key")
        row["finish"] = FinishReason(row["finish"]) if row["finish"] else None
        row["usage"] = Usage(**row["usage"]) if row["usage"] else None
        self._heard[key] = Heard(**row)


class Taped:
    """A provider whose answers go through a tape."""

    def __init__(self, provider: FimProvider, tape: Tape) -> None:
        self._provider = provider
        self._tape = tape

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def limits(self) -> ProviderLimits:
        return self._provider.limits

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        return self._tape.play(self._provider, request)

    async def warm(self) -> None:
        await self._provider.warm()

    async def close(self) -> None:
        await self._provider.close()


def _key(provider: str, request: FimRequest) -> str:
    """All that the answer depends on: not the cache key, which is random."""
    asked = asdict(replace(request, cache_key=None))
    return hashlib.sha256(json.dumps([provider, asked]).encode()).hexdigest()
