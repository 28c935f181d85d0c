"""Selects the strategy by which an endpoint fills gaps; one strategy, by template, serves most.

A provider lists its strategies in order of preference. The first that is supported is used,
remembered across sessions per address and model, and dropped when the server refuses it after all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from devstral_lsp.errors import (
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    InvalidResponse,
    ProviderError,
)
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.http.cancellation import result_of
from devstral_lsp.providers.http.error_mapping import is_unknown_route
from devstral_lsp.providers.stop_sequences import StopSequenceCutter

RECONSIDER_S = 60.0
"""After an answer that left undecided whether a strategy works, as while a server starts."""


class FimStrategy(Protocol):
    """One way to request a gap's text. `name` is remembered; `evidence` says why it is used."""

    @property
    def name(self) -> str: ...

    @property
    def evidence(self) -> str: ...

    async def is_supported(self) -> bool:
        """Whether it works here, as far as can be known beforehand.

        Raises InvalidRequest or InvalidResponse where that is undecided for now, and other
        ProviderErrors where the endpoint cannot be asked.
        """

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text.

        Raises FimNotSupported, or another ProviderError, before any chunk.
        """


class FimStrategySelector:
    """Fills gaps by the first of `strategies` that works. Its `fim` is a FimProvider's."""

    def __init__(self, client: EndpointClient, strategies: Sequence[FimStrategy]) -> None:
        self._client = client
        self._strategies = strategies
        self._current: FimStrategy | None = None
        self._is_proven = False
        """Whether the current strategy has given an answer in this session."""
        self._reconsider_s: float | None = None
        """When to select again, since a better strategy could not be decided on; None for never."""
        self._refused: set[str] = set()
        self._selecting: asyncio.Task[FimStrategy] | None = None

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text, by the next strategy if one is refused. Raises ProviderError."""
        failure: ProviderError | None = None
        while True:
            try:
                strategy = await self.selected()
            except FimNotSupported:
                if failure is None:
                    raise
                raise failure from None
            has_begun = False
            try:
                async with aclosing(strategy.fim(request)) as chunks:
                    async for chunk in chunks:
                        has_begun = True
                        if chunk.text or chunk.finish not in (None, FinishReason.INCOMPLETE):
                            await self._confirm(strategy)
                        yield chunk
                return
            except (FimNotSupported, InvalidRequest, EndpointUnreachable) as error:
                if has_begun or not self._is_refusal(error):
                    raise
                await self._refuse(strategy)
                failure = error

    async def selected(self) -> FimStrategy:
        """The strategy to use; the first caller waits until it is found. Raises ProviderError.

        The search goes on if that caller is cancelled or times out.
        """
        if self._current is not None and not self._is_due():
            return self._current
        if self._selecting is None or self._selecting.done():
            self._selecting = asyncio.create_task(self._select(), name="select a FIM strategy")
        return await self._client.http.with_timeout(result_of(self._selecting))

    async def close(self) -> None:
        if self._selecting is not None:
            self._selecting.cancel()
            await asyncio.wait([self._selecting])

    async def _select(self) -> FimStrategy:
        cached = await self._cached_name()
        is_decided = True
        for strategy in self._strategies:
            if strategy.name in self._refused:
                continue
            try:
                is_next = strategy.name == cached or (not cached and await strategy.is_supported())
            except (InvalidRequest, InvalidResponse):
                is_next, is_decided = False, False
            if is_next:
                self._is_proven = self._is_proven and strategy is self._current
                self._current = strategy
                self._reconsider_s = None if is_decided else self._now_s() + RECONSIDER_S
                return strategy
        self._refused.clear()
        model = await self._client.model(for_fim=True)
        raise FimNotSupported(
            f"There is no way to fill gaps with the model {model or 'in use'} there."
        )

    def _is_due(self) -> bool:
        return self._reconsider_s is not None and self._now_s() >= self._reconsider_s

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    async def _cached_name(self) -> str | None:
        """The name that an earlier session found, unless a strategy was refused since."""
        cache = self._client.endpoint.strategy_cache
        if cache is None or self._refused:
            return None
        model = await self._client.model(for_fim=True)
        name = await asyncio.to_thread(cache.get, self._client.base_url, model)
        return name if name in {strategy.name for strategy in self._strategies} else None

    async def _confirm(self, strategy: FimStrategy) -> None:
        """Remember that this strategy has given an answer; across sessions only if all better ones
        are known not to work."""
        if self._is_proven or strategy is not self._current:
            return
        self._is_proven = True
        if self._reconsider_s is not None:
            return
        cache = self._client.endpoint.strategy_cache
        if cache is not None:
            place = (self._client.base_url, await self._client.model(for_fim=True))
            if await asyncio.to_thread(cache.get, *place) != strategy.name:
                await asyncio.to_thread(cache.put, *place, strategy.name, strategy.evidence)

    def _is_refusal(self, error: ProviderError) -> bool:
        """Whether `error` says that the strategy does not work here.

        A request refused for another reason says so only of a strategy that never worked.
        """
        if isinstance(error, FimNotSupported) or is_unknown_route(error):
            return True
        return isinstance(error, InvalidRequest) and not self._is_proven

    async def _refuse(self, strategy: FimStrategy) -> None:
        """Do not use this strategy again, unless all others turn out not to work either."""
        self._refused.add(strategy.name)
        cache = self._client.endpoint.strategy_cache
        if cache is not None:
            model = await self._client.model(for_fim=True)
            await asyncio.to_thread(cache.drop, self._client.base_url, model)
        if strategy is self._current:
            self._current = None


class TemplateStrategy:
    """Writes the gap by the template of the model's family, for a server that completes text.

    `complete` sends the request with the template. `are_single_tokens` says whether the server
    reads each string as one token; without it, the model's name decides.
    """

    name = "template"

    def __init__(
        self,
        client: EndpointClient,
        complete: Callable[[FimRequest, FimTemplate], AsyncGenerator[Chunk, None]],
        are_single_tokens: Callable[[Sequence[str]], Awaitable[bool]] | None = None,
    ) -> None:
        self._client = client
        self._complete = complete
        self._are_single_tokens = are_single_tokens
        source = "the server's tokenizer knows" if are_single_tokens else "the model's name tells"
        self.evidence = f"by the family that {source}"

    async def template(self) -> FimTemplate | None:
        """The template of the model in use, None if its family is unknown."""
        return await self._client.template()

    async def is_supported(self) -> bool:
        template = await self.template()
        if template is None:
            return False
        return self._are_single_tokens is None or await self._are_single_tokens(template.tokens)

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text up to the first control string.

        Servers are not sent all strings that may end an answer.
        """
        template = await self.template()
        if template is None:
            model = await self._client.model(for_fim=True)
            raise FimNotSupported(f"How {model or 'this model'} wants gaps written is not known.")
        cutter = StopSequenceCutter((*template.tokens, *template.stops))
        async with aclosing(self._complete(request, template)) as chunks:
            async for chunk in chunks:
                text = cutter.feed(chunk.text)
                if chunk.finish is not None and not cutter.ended:
                    text += cutter.finish()
                if cutter.ended:
                    yield Chunk(text, finish=FinishReason.STOP, usage=chunk.usage)
                    return
                if text or chunk.finish is not None or chunk.logprob is not None:
                    yield replace(chunk, text=text)
