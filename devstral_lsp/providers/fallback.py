"""Several endpoints as one: the next is asked where one does not answer, equals share the load.

A line of tiers, each of one or several equal endpoints. A request goes to one endpoint at a time,
and to a further one only as long as nothing of the answer has been given. Whether anybody is asked
at all, after all have failed, is decided by whoever asks: a failure of the whole says how long the
first of them wants to be left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Generic, TypeVar

from devstral_lsp.errors import EndpointUnreachable, ProviderError
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
    ProviderLimits,
    ProvidesModelInfo,
    SupportsVision,
)
from devstral_lsp.providers.replica import REQUEST_ERRORS, Replica, SendTo

EXPLORE_EVERY = 20
"""Every so many requests the equal that has not been asked for longest is: it may be quick now."""

P = TypeVar("P", FimProvider, ChatProvider)


class FallbackProvider(Generic[P]):
    """What is common to completing and conversing. `clock` gives seconds."""

    def __init__(
        self, tiers: Sequence[Sequence[P]], notify: Notify, clock: Callable[[], float]
    ) -> None:
        self._tiers: list[list[Replica[P]]] = [
            [Replica(provider, clock) for provider in tier] for tier in tiers
        ]
        self._notify = notify
        self._asked = 0
        self._answering: Replica[P] = self._tiers[0][0]

    @property
    def name(self) -> str:
        """The word of the settings for who answered last; at first for who is asked first."""
        name: str = self._answering.provider.name
        return name

    @property
    def active_fallback(self) -> ActiveFallback | None:
        """Who answered last, in the place of the first, and why; None if that was the first."""
        if self._answering in self._tiers[0]:
            return None
        return ActiveFallback(self.name, self._reasons(self._tiers[0]))

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """Of the model of who answered last. Never raises ProviderError."""
        provider = self._answering.provider
        if isinstance(provider, ProvidesModelInfo):
            return await provider.model_info(for_fim=for_fim)
        return ModelInfo(model="")

    async def close(self) -> None:
        """Close them all."""
        for member in self._members():
            await member.provider.close()

    async def _answer(self, ask: SendTo[P]) -> AsyncGenerator[Chunk, None]:
        """The first answer that comes. Raises ProviderError if none does, or if it breaks off."""
        last: ProviderError = EndpointUnreachable("Nobody was asked.")
        for member in self._in_order():
            given = False
            try:
                async with aclosing(member.stream(ask)) as chunks:
                    async for chunk in chunks:
                        if not given and (chunk.text or chunk.finish is not None):
                            given = True
                            self._answered(member)
                        yield self._tag_usage(chunk, member)
                return
            except ProviderError as error:
                if given or isinstance(error, REQUEST_ERRORS):
                    raise
                last = error  # and the next is asked
        raise self._failure(last)

    def _tag_usage(self, chunk: Chunk, member: Replica[P]) -> Chunk:
        """The chunk with the tier whose model counted: equals have one model."""
        if chunk.usage is None:
            return chunk
        number = next(at for at, tier in enumerate(self._tiers) if member in tier)
        return replace(chunk, usage=replace(chunk.usage, tokenizer_id=number))

    def _failure(self, last: ProviderError) -> ProviderError:
        """One failure for all: of the kind that passes first, with every reason."""
        first = min(self._members(), key=lambda each: each.backoff.retry_after_s)
        kind = type(first.backoff.last_error or last)
        reasons = self._reasons(self._members()) or str(last)
        return kind(reasons, retry_after_s=first.backoff.retry_after_s or None)

    def _reasons(self, members: Iterable[Replica[P]]) -> str:
        known = (
            str(each.backoff.last_error) for each in members if each.backoff.last_error is not None
        )
        return " ".join(dict.fromkeys(known))

    def _in_order(self) -> list[Replica[P]]:
        """Whom to ask, one after another. If all want to be left alone, who does so least long."""
        self._asked += 1
        ready = [
            member
            for tier in self._tiers
            for member in self._rank_replicas(tier)
            if member.is_available
        ]
        return ready or [min(self._members(), key=lambda each: each.backoff.retry_after_s)]

    def _rank_replicas(self, tier: list[Replica[P]]) -> list[Replica[P]]:
        """The quickest first, but for a look at the others now and then."""
        if len(tier) > 1 and self._asked % EXPLORE_EVERY == 0:
            return sorted(tier, key=lambda each: each.asked_at_s)
        return sorted(tier, key=lambda each: each.expected_s)

    def _members(self) -> Iterator[Replica[P]]:
        return (member for tier in self._tiers for member in tier)

    def _answered(self, member: Replica[P]) -> None:
        self._answering = member
        if (other := self.active_fallback) is not None:
            self._notify(Notice(f"stand-in {other.name}", str(other)))


class FallbackFim(FallbackProvider[FimProvider]):
    """Several that fill gaps; itself a FimProvider."""

    @property
    def limits(self) -> ProviderLimits:
        """What all of them can take."""
        every = [member.provider.limits.prompt_tokens for member in self._members()]
        return ProviderLimits(prompt_tokens=min(every))

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text from whoever answers. Raises ProviderError."""
        return self._answer(lambda provider: provider.fim(request))

    async def warm(self) -> None:
        """Open what the first request would wait for: those that are asked first."""
        await asyncio.gather(*(member.provider.warm() for member in self._tiers[0]))


class FallbackChat(FallbackProvider[ChatProvider]):
    """Several that converse; itself a ChatProvider."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer from whoever gives one. Raises ProviderError."""
        return self._answer(lambda provider: provider.chat(request))

    async def supports_images(self) -> bool:
        """Whether all of them do: any of them may be the one that answers."""
        for member in self._members():
            provider = member.provider
            if not (isinstance(provider, SupportsVision) and await provider.supports_images()):
                return False
        return True
