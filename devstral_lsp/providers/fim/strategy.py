"""Finds the way in which an endpoint fills gaps, and keeps to it.

A provider names its ways, the best first. The first that fits is taken, remembered across sessions
per address and model, and dropped when the server says that it is none after all. Which ways there
are, and what they send, is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from devstral_lsp.errors import EndpointUnreachable, FimNotSupported, InvalidRequest, ProviderError
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.http.error_mapping import is_unknown_route
from devstral_lsp.providers.http.timeouts import detached_task


class FimStrategy(Protocol):
    """One way to ask for a gap's text. `name` is remembered, `evidence` says how it was found."""

    @property
    def name(self) -> str: ...

    @property
    def evidence(self) -> str: ...

    async def is_supported(self) -> bool:
        """Whether it can be gone, as far as can be told beforehand. Raises ProviderError."""

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text.

        Raises FimNotSupported, or another ProviderError, before any chunk.
        """


class FimStrategySelector:
    """The ways of one provider. Its `fim` is a FimProvider's."""

    def __init__(self, caller: EndpointClient, ways: Sequence[FimStrategy]) -> None:
        self._caller = caller
        self._ways = ways
        self._way: FimStrategy | None = None
        self._proven = False
        """Whether the way in use has given an answer in this session."""
        self._closed: set[str] = set()
        self._settling: asyncio.Task[FimStrategy] | None = None

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text, by the next way where the first is none. Raises ProviderError."""
        failure: ProviderError | None = None
        while True:
            way = await self._next(failure)
            begun = False
            try:
                async with aclosing(way.fim(request)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        if chunk.text or chunk.finish is not FinishReason.INCOMPLETE:
                            await self._prove(way)
                        yield chunk
                return
            except (FimNotSupported, InvalidRequest, EndpointUnreachable) as error:
                if begun or not self._is_closed_by(error):
                    raise
                await self._leave(way)
                failure = error

    async def _next(self, failure: ProviderError | None) -> FimStrategy:
        """The way to go. Raises `failure`, that of the way before, if there is no other."""
        try:
            return await self.selected()
        except FimNotSupported:
            if failure is None:
                raise
            raise failure from None

    async def selected(self) -> FimStrategy:
        """The way to go; the first to ask waits until it is found. Raises ProviderError.

        A keystroke that is given up, or that has waited long enough, does not end the search.
        """
        if self._way is not None:
            return self._way
        if self._settling is None or self._settling.done():
            self._settling = detached_task(self._settle(), name="find a way")
            self._settling.add_done_callback(_consume_exception)
        return await self._caller.http.with_timeout(asyncio.shield(self._settling))

    async def close(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.wait([self._settling])

    async def _settle(self) -> FimStrategy:
        open_ways = [way for way in self._ways if way.name not in self._closed]
        known = await self._known()
        for way in open_ways:
            if way.name == known or (not known and await way.is_supported()):
                self._way, self._proven = way, False
                return way
        self._closed.clear()
        model = await self._caller.model(for_fim=True)
        raise FimNotSupported(
            f"There is no way to fill gaps with the model {model or 'in use'} there."
        )

    async def _known(self) -> str | None:
        """The name of the way that an earlier session found, unless it was closed since."""
        remembered = self._caller.endpoint.strategy_cache
        if remembered is None or self._closed:
            return None
        model = await self._caller.model(for_fim=True)
        known = await asyncio.to_thread(remembered.get, self._caller.base_url, model)
        return known if known in {way.name for way in self._ways} else None

    async def _prove(self, way: FimStrategy) -> None:
        if self._proven or way is not self._way:
            return
        self._proven = True
        remembered = self._caller.endpoint.strategy_cache
        if remembered is not None:
            model = await self._caller.model(for_fim=True)
            place = (self._caller.base_url, model)
            if await asyncio.to_thread(remembered.get, *place) != way.name:
                await asyncio.to_thread(remembered.put, *place, way.name, way.evidence)

    def _is_closed_by(self, error: ProviderError) -> bool:
        """Whether `error` says that there is no such way.

        A request that was refused for another reason says so only of a way that never worked.
        """
        if isinstance(error, FimNotSupported) or is_unknown_route(error):
            return True
        return isinstance(error, InvalidRequest) and not self._proven

    async def _leave(self, way: FimStrategy) -> None:
        """Never go this way again, unless all others turn out to be none either."""
        self._closed.add(way.name)
        await self._forget()
        if way is self._way:
            self._way = None

    async def _forget(self) -> None:
        remembered = self._caller.endpoint.strategy_cache
        if remembered is not None:
            model = await self._caller.model(for_fim=True)
            await asyncio.to_thread(remembered.drop, self._caller.base_url, model)


def _consume_exception(settling: asyncio.Task[FimStrategy]) -> None:
    """Take note of a failure that nobody may be waiting for any more."""
    if not settling.cancelled():
        settling.exception()
