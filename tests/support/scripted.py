"""A provider whose every chunk is sent by the test, and a clock that moves only when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.types import CURSOR, CompletionRequest, TriggerKind
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Snapshot, Text


@dataclass
class Call:
    """One request that the provider got, and what the test says to it."""

    request: FimRequest
    queue: asyncio.Queue[Chunk | ProviderError] = field(default_factory=asyncio.Queue)
    closed: bool = False
    """The consumer hung up, or has heard everything."""

    def say(self, text: str, logprob: float | None = None) -> None:
        self.queue.put_nowait(Chunk(text=text, logprob=logprob))

    def end(self, finish: FinishReason = FinishReason.STOP) -> None:
        self.queue.put_nowait(Chunk(finish=finish))

    def fail(self, error: ProviderError) -> None:
        self.queue.put_nowait(error)


class ScriptedProvider:
    """A `FimProvider` that records calls. `answers` are given at once, the rest by the test."""

    def __init__(
        self,
        *answers: str | ProviderError,
        name: str = "scripted",
        finish: FinishReason = FinishReason.STOP,
    ) -> None:
        self.name = name
        self._finish = finish
        self.limits = ProviderLimits(prompt_tokens=2048)
        self.calls: list[Call] = []
        self._answers = list(answers)

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        call = Call(request)
        self.calls.append(call)
        if self._answers:
            answer = self._answers.pop(0)
            if isinstance(answer, ProviderError):
                call.fail(answer)
            else:
                call.say(answer)
                call.end(self._finish)
        try:
            while True:
                said = await call.queue.get()
                if isinstance(said, ProviderError):
                    raise said
                yield said
                if said.finish is not None:
                    return
        finally:
            call.closed = True

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class ManualClock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def as_clock(self) -> Clock:
        return Clock(now_s=lambda: self.now_s, sleep_s=self._sleep)

    @property
    def sleeping(self) -> list[float]:
        """Seconds that each sleeper still has to wait."""
        return [at - self.now_s for at, future in self._sleepers if not future.done()]

    async def pass_s(self, seconds: float) -> None:
        """Let time pass, and everyone act on it."""
        self.now_s += seconds
        for at, future in self._sleepers:
            if at <= self.now_s + 1e-9 and not future.done():
                future.set_result(None)
        await settle()

    async def _sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now_s + seconds, future))
        await future


async def settle() -> None:
    """Let every task run until it waits for something from outside."""
    for _ in range(50):
        await asyncio.sleep(0)


def request_at(
    marked: str,
    language: str = "python",
    *,
    uri: str = "file:///work/a.py",
    version: int = 1,
    trigger: TriggerKind = TriggerKind.AUTOMATIC,
) -> CompletionRequest:
    """A request at the one cursor mark in `marked`."""
    before, after = marked.split(CURSOR)
    snapshot = Snapshot(uri, version, language, Text.of(before + after))
    return CompletionRequest(snapshot=snapshot, offset=len(before), trigger=trigger)
