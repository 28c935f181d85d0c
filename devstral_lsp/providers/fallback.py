"""Several endpoints as one: falls back to the next one, and balances load between replicas.

Endpoints are arranged in tiers; those of one tier are replicas. A request goes to one endpoint at a
time, and to the next one only while nothing of the answer has been passed on. Each replica has a
circuit breaker: after a failure it pauses, longer each time (`backoff.py`), and is then tried by
one request at a time until it answers. A spare tier is used only once the one before it no longer
has the requested model. If all fail, the error says when to try the first one again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Container, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Generic, TypeVar

from devstral_lsp.errors import BudgetExceeded, EndpointUnreachable, ProviderError
from devstral_lsp.providers.backoff import REQUEST_ERRORS, Backoff
from devstral_lsp.providers.base import (
    ActiveFallback,
    ChatProvider,
    ChatRequest,
    Chunk,
    FimProvider,
    FimRequest,
    ModelInfo,
    Notice,
    Notify,
    ProvidesModelInfo,
    SupportsVision,
)
from devstral_lsp.providers.metering import ProviderLimits

EXPLORE_EVERY = 20
"""Every so many requests, the replica unused for the longest time gets one: it may be quick now."""

_GONE = frozenset({404, 405, 410, 501})
"""Statuses of a route that is not there, as of a host that was discontinued."""

_WEIGHT = 0.3
"""Weight of the newest time in the average: a slow server is noticed after a few requests."""

P = TypeVar("P", FimProvider, ChatProvider)
Send = Callable[[P], AsyncGenerator[Chunk, None]]
"""Sends the same request to the given provider."""


class _Replica(Generic[P]):
    """A provider with its circuit breaker and response times. `clock` gives seconds."""

    def __init__(self, provider: P, clock: Callable[[], float]) -> None:
        self.provider: P = provider
        self.backoff = Backoff(clock)
        self.asked_at_s = clock()
        self._clock = clock
        self._asking = 0
        self._first_s: float | None = None

    @property
    def is_available(self) -> bool:
        """Whether it may be used: it works, or its pause is over and one request may try it."""
        return self.backoff.is_closed and (self.backoff.last_error is None or not self._asking)

    @property
    def expected_s(self) -> tuple[float, int]:
        """A sort key: the expected time to the first chunk, 0 for a replica not used yet."""
        return (self._first_s or 0.0) * (1 + self._asking), self._asking

    async def stream(self, ask: Send[P]) -> AsyncGenerator[Chunk, None]:
        """The answer; its outcome and time are recorded. Raises ProviderError."""
        self.asked_at_s = began_s = self._clock()
        self._asking += 1
        has_answered = False
        try:
            async with aclosing(ask(self.provider)) as chunks:
                async for chunk in chunks:
                    if not has_answered and (chunk.text or chunk.finish is not None):
                        has_answered = True
                        self._record_first_chunk(self._clock() - began_s)
                    yield chunk
        except ProviderError as error:
            if not isinstance(error, REQUEST_ERRORS):
                self.backoff.record_failure(error)
            has_answered = True
            raise
        finally:
            self._asking -= 1
            waited_s = self._clock() - began_s
            if not has_answered and waited_s > (self._first_s or 0.0):
                # The user typed on before a slow server sent its first chunk.
                self._first_s = waited_s

    def _record_first_chunk(self, first_s: float) -> None:
        self.backoff.record_success()
        known_s = first_s if self._first_s is None else self._first_s
        self._first_s = known_s + _WEIGHT * (first_s - known_s)


class _Fallback(Generic[P]):
    """What FIM and chat have in common. `clock` gives seconds."""

    def __init__(
        self,
        tiers: Sequence[Sequence[P]],
        notify: Notify,
        clock: Callable[[], float],
        spare_tiers: Container[int] = (),
    ) -> None:
        self._tiers: list[list[_Replica[P]]] = [
            [_Replica(provider, clock) for provider in tier] for tier in tiers
        ]
        self._spare_tiers = spare_tiers
        self._notify = notify
        self._asked = 0
        self._answering: _Replica[P] = self._tiers[0][0]

    @property
    def name(self) -> str:
        """The name of the provider that answered last; before that, of the first one."""
        name: str = self._answering.provider.name
        return name

    @property
    def active_fallback(self) -> ActiveFallback | None:
        """The fallback that answered last, and why; None if the first tier did."""
        if self._answering in self._tiers[0]:
            return None
        return ActiveFallback(self.name, self._reasons(self._tiers[0]))

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """About the model that answered last. Never raises ProviderError."""
        provider = self._answering.provider
        if isinstance(provider, ProvidesModelInfo):
            return await provider.model_info(for_fim=for_fim)
        return ModelInfo(model="")

    async def close(self) -> None:
        """Close all of them."""
        for replica in self._replicas():
            await replica.provider.close()

    async def _answer(self, ask: Send[P]) -> AsyncGenerator[Chunk, None]:
        """The first answer. Raises ProviderError if there is none, or if it breaks off."""
        last: ProviderError = EndpointUnreachable("No endpoint was asked.")
        for replica in self._candidates():
            if not self._is_wanted(replica):
                continue
            has_begun = False
            try:
                async with aclosing(replica.stream(ask)) as chunks:
                    async for chunk in chunks:
                        if not has_begun and (chunk.text or chunk.finish is not None):
                            has_begun = True
                            self._answered(replica)
                        yield self._tag_usage(chunk, replica)
                return
            except ProviderError as error:
                if has_begun or isinstance(error, REQUEST_ERRORS):
                    raise
                last = error  # and try the next one
        raise self._failure(last)

    def _tag_usage(self, chunk: Chunk, replica: _Replica[P]) -> Chunk:
        """The chunk with the number of the tier whose tokenizer counted: replicas share a model."""
        if chunk.usage is None:
            return chunk
        usage = replace(chunk.usage, tokenizer_id=self._tier_number(replica))
        return replace(chunk, usage=usage)

    def _failure(self, last: ProviderError) -> ProviderError:
        """One error for all: of the kind that passes first, with every reason."""
        if all(isinstance(each.backoff.last_error, BudgetExceeded) for each in self._wanted()):
            return last
        first = min(self._wanted(), key=lambda each: each.backoff.retry_after_s)
        kind = type(first.backoff.last_error or last)
        reasons = self._reasons(self._replicas()) or str(last)
        return kind(reasons, retry_after_s=first.backoff.retry_after_s or None)

    def _reasons(self, replicas: Iterable[_Replica[P]]) -> str:
        known = (
            str(each.backoff.last_error) for each in replicas if each.backoff.last_error is not None
        )
        return " ".join(dict.fromkeys(known))

    def _candidates(self) -> list[_Replica[P]]:
        """The replicas to try, in order. If all pause, the one whose pause ends first."""
        self._asked += 1
        ready = [
            replica
            for tier in self._tiers
            for replica in self._rank_replicas(tier)
            if replica.is_available
        ]
        if any(self._is_wanted(replica) for replica in ready):
            return ready
        return [min(self._wanted(), key=lambda each: each.backoff.retry_after_s)]

    def _wanted(self) -> Iterator[_Replica[P]]:
        return (replica for replica in self._replicas() if self._is_wanted(replica))

    def _is_wanted(self, replica: _Replica[P]) -> bool:
        """Whether it may be asked: one of a spare tier only if the tier before it is gone."""
        number = self._tier_number(replica)
        return number not in self._spare_tiers or all(
            _is_gone(each.backoff.last_error) for each in self._tiers[number - 1]
        )

    def _tier_number(self, replica: _Replica[P]) -> int:
        return next(number for number, tier in enumerate(self._tiers) if replica in tier)

    def _rank_replicas(self, tier: list[_Replica[P]]) -> list[_Replica[P]]:
        """The quickest first, except every EXPLORE_EVERY requests."""
        if len(tier) > 1 and self._asked % EXPLORE_EVERY == 0:
            return sorted(tier, key=lambda each: each.asked_at_s)
        return sorted(tier, key=lambda each: each.expected_s)

    def _replicas(self) -> Iterator[_Replica[P]]:
        return (replica for tier in self._tiers for replica in tier)

    def _answered(self, replica: _Replica[P]) -> None:
        self._answering = replica
        if (other := self.active_fallback) is not None:
            self._notify(Notice(f"stand-in {other.name}", str(other)))


def _is_gone(error: ProviderError | None) -> bool:
    """Whether a server no longer knows the route that it was asked for."""
    return isinstance(error, EndpointUnreachable) and error.status in _GONE


class FallbackFim(_Fallback[FimProvider]):
    """A FimProvider with fallbacks and replicas."""

    @property
    def limits(self) -> ProviderLimits:
        """The limits that all of them can take."""
        every = [replica.provider.limits.prompt_tokens for replica in self._replicas()]
        quota = self._tiers[0][0].provider.limits.quota
        return ProviderLimits(prompt_tokens=min(every), quota=quota)

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text from the first endpoint that answers. Raises ProviderError."""
        return self._answer(lambda provider: provider.fim(request))

    async def warm(self) -> None:
        """Warm up the first tier."""
        await asyncio.gather(*(replica.provider.warm() for replica in self._tiers[0]))


class FallbackChat(_Fallback[ChatProvider]):
    """A ChatProvider with fallbacks and replicas."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer of the first endpoint that gives one. Raises ProviderError."""
        return self._answer(lambda provider: provider.chat(request))

    async def supports_images(self) -> bool:
        """Whether all of them do: any may be the one that answers."""
        for replica in self._replicas():
            provider = replica.provider
            if not (isinstance(provider, SupportsVision) and await provider.supports_images()):
                return False
        return True
