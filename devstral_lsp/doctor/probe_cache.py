"""Probes endpoints for `doctor`: whether they are reachable, their models, whether the key works.

Each endpoint is probed once: FIM and chat mostly share a host and a key. Only requests that cost
nothing are made here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from devstral_lsp.errors import ProviderError, Unauthorized
from devstral_lsp.providers.base import ConnectionOptions, Endpoint, Secret
from devstral_lsp.providers.http.base_address import BaseAddress
from devstral_lsp.providers.http.client import HttpClient
from devstral_lsp.providers.model_catalog import ModelCard, find_card
from devstral_lsp.providers.model_list import MODELS_PATH, parse_model_list

_FORBIDDEN = 403
"""The key lacks this permission, and so it is a valid key."""


@dataclass(slots=True)
class ProbeResult:
    """The response of an endpoint to the request for its models, or the `failure`.

    `connect_ms` is None if it was not reached. `key_accepted` is whether it accepts the key, or
    requests without one if there is none; None while that is unknown.
    """

    connect_ms: float | None
    models: tuple[ModelCard, ...] = ()
    failure: ProviderError | None = None
    key_accepted: bool | None = None

    @property
    def refuses_key(self) -> bool:
        """Whether it rejected the key as unknown."""
        return isinstance(self.failure, Unauthorized) and self.failure.status != _FORBIDDEN

    def card(self, model: str) -> ModelCard | None:
        """The list's entry for `model`, by any of its names."""
        return find_card(model, self.models)


class ProbeCache:
    """The results of one run of `doctor`."""

    def __init__(self) -> None:
        self._results: dict[tuple[BaseAddress, Secret | None, ConnectionOptions], ProbeResult] = {}

    async def probe(self, endpoint: Endpoint) -> ProbeResult:
        """The result for this host and key; only the first call sends a request."""
        # Timeouts make no difference here.
        options = replace(
            endpoint.connection, connect_ms=None, read_timeout_ms=None, total_timeout_ms=0
        )
        key = (BaseAddress.of(endpoint.base_url), endpoint.key, options)
        if key not in self._results:
            self._results[key] = await _request_models(endpoint)
        return self._results[key]

    async def key_is_verified(self, endpoint: Endpoint) -> bool:
        """Whether the key is known to work, without requesting an answer.

        Some endpoints list their models without a key (llama.cpp, OpenRouter, Vercel's gateway).
        So a list proves the key only if the same request fails without one.
        """
        probe = await self.probe(endpoint)
        if probe.key_accepted is None and probe.models and endpoint.key is not None:
            others = await _request_models(replace(endpoint, key=None, renew_key=lambda: None))
            probe.key_accepted = isinstance(others.failure, Unauthorized) or None
        return probe.key_accepted is True


async def _request_models(endpoint: Endpoint) -> ProbeResult:
    """Request the list of models over a separate connection. Returns failures as results."""
    http = HttpClient.of(endpoint)
    try:
        models = parse_model_list(await http.get(MODELS_PATH))
        return ProbeResult(http.connect_ms, models)
    except ProviderError as error:
        return ProbeResult(http.connect_ms, failure=error)
    finally:
        await http.close()
