"""Asks an endpoint once which models it offers, and remembers the answer.

Whoever needs the list while it is under way waits for the same request. That it cannot be asked
(a 404, no network) is no error here: the list then stays empty, and `failure` says why. What was
not refused is asked for again the next time.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from devstral_lsp.errors import EndpointUnreachable, InvalidRequest, ProviderError, Unauthorized
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.http.error_mapping import is_unknown_route
from devstral_lsp.providers.http.timeouts import detached_task
from devstral_lsp.providers.models.cards import ModelCard
from devstral_lsp.providers.models.parse_list import parse_model_list

MODELS_PATH = "/v1/models"
PATIENCE_S = 10.0
"""The list is only a hint; past this it is taken as not to be had."""


class ModelList:
    """The models of one endpoint. `parse_model_list` is empty until `fetch` has had an answer."""

    def __init__(self, http: HttpClient, path: str = MODELS_PATH) -> None:
        self.cards: tuple[ModelCard, ...] = ()
        self.failure: ProviderError | None = None
        """What came in place of the last answer."""
        self._http = http
        self._path = path
        self._asking: asyncio.Task[None] | None = None

    async def fetch(self) -> None:
        """Wait until the list is there or cannot be had. Raises nothing but CancelledError."""
        if self.cards or self._is_refused():
            return
        if self._asking is None or self._asking.done():
            self._asking = detached_task(self._fetch(), name="list models")
        with suppress(EndpointUnreachable):
            await self._http.with_timeout(asyncio.shield(self._asking))

    def forget(self) -> None:
        """Ask again next time: a model of the list turned out not to be there any more."""
        self.cards, self.failure = (), None

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _is_refused(self) -> bool:
        failure = self.failure
        if failure is None:
            return False
        return isinstance(failure, Unauthorized | InvalidRequest) or is_unknown_route(failure)

    async def _fetch(self) -> None:
        self.failure = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                self.cards = parse_model_list(await self._http.get(self._path))
        except TimeoutError:
            return
        except ProviderError as error:
            self.failure = error
