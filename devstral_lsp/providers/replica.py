"""One endpoint among several: whether it may be asked now, and how soon it is likely to answer.

A circuit breaker: after a failure that is the endpoint's it is left alone, for longer each time
(`backoff.py`), and then tried again by one request at a time until it answers. Which endpoint
is asked when is decided in `chain.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Generic, TypeVar

from devstral_lsp.errors import ContextLengthExceeded, InvalidRequest, ProviderError
from devstral_lsp.providers.backoff import Backoff
from devstral_lsp.providers.base import Chunk

P = TypeVar("P")
SendTo = Callable[[P], AsyncGenerator[Chunk, None]]
"""Puts the same request to whichever provider it is given."""

REQUEST_ERRORS = (ContextLengthExceeded, InvalidRequest)
"""Failures that say nothing of the endpoint."""

_WEIGHT = 0.3
"""Of the newest time in the average: a server that became slow is noticed after a few requests."""


class Replica(Generic[P]):
    """A provider and what is known of it. `clock` gives seconds."""

    def __init__(self, provider: P, clock: Callable[[], float]) -> None:
        self.provider = provider
        self.backoff = Backoff(clock)
        self.asked_at_s = clock()
        self._clock = clock
        self._asking = 0
        self._first_s: float | None = None

    @property
    def is_available(self) -> bool:
        """Whether it may be asked: it is well, or it is time for one request to try it."""
        return self.backoff.is_closed and (self.backoff.last_error is None or not self._asking)

    @property
    def expected_s(self) -> tuple[float, int]:
        """How soon it should answer, the sooner the smaller: what is not known yet comes first."""
        return (self._first_s or 0.0) * (1 + self._asking), self._asking

    async def stream(self, ask: SendTo[P]) -> AsyncGenerator[Chunk, None]:
        """Its answer, from which it learns. Raises ProviderError."""
        self.asked_at_s = began_s = self._clock()
        self._asking += 1
        heard = False
        try:
            async with aclosing(ask(self.provider)) as chunks:
                async for chunk in chunks:
                    if not heard and (chunk.text or chunk.finish is not None):
                        heard = True
                        self._heard(self._clock() - began_s)
                    yield chunk
        except ProviderError as error:
            if not isinstance(error, REQUEST_ERRORS):
                self.backoff.record_failure(error)
            heard = True
            raise
        finally:
            self._asking -= 1
            if not heard:
                self._given_up(self._clock() - began_s)

    def _heard(self, first_s: float) -> None:
        self.backoff.record_success()
        known_s = first_s if self._first_s is None else self._first_s
        self._first_s = known_s + _WEIGHT * (first_s - known_s)

    def _given_up(self, waited_s: float) -> None:
        """Nobody waited for its first text. Who types ahead of a slow server never hears it."""
        if waited_s > (self._first_s or 0.0):
            self._first_s = waited_s
