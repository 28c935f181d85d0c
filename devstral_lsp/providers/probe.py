"""A look at an endpoint from outside, for `doctor`: whether it can be reached, what it offers.

Unlike a provider it hides no failure and mends nothing.
"""

from __future__ import annotations

from devstral_lsp.providers.base import Endpoint
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.models.cards import ModelCard
from devstral_lsp.providers.models.model_list import MODELS_PATH
from devstral_lsp.providers.models.parse_list import parse_model_list


class Probe:
    """One endpoint, over a connection of its own."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._http = HttpClient.of(endpoint)

    @property
    def connect_ms(self) -> float | None:
        """How long connecting took, TLS included; None while no connection has been opened."""
        return self._http.connect_ms

    async def models(self) -> tuple[ModelCard, ...]:
        """What GET /v1/models offers. Raises ProviderError."""
        return parse_model_list(await self._http.get(MODELS_PATH))

    async def close(self) -> None:
        await self._http.close()
