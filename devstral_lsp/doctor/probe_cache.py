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
"""The key may not do this, and so it is a valid key."""


@dataclass(slots=True)
class ProbeResult:
    """What an endpoint answered. `failure` is the error in the place of its list of models.

    `connect_ms` is None where it was not reached. `key_accepted` says whether it accepts the key,
    or no key where there is none; None while that is not known.
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
        self._seen: dict[tuple[BaseAddress, Secret | None, ConnectionOptions], ProbeResult] = {}

    async def probe(self, endpoint: Endpoint) -> ProbeResult:
        """What this host answers to this key; only the first call asks it."""
        # Timeouts make no difference here.
        link = replace(
            endpoint.connection, connect_ms=None, read_timeout_ms=None, total_timeout_ms=0
        )
        place = (BaseAddress.of(endpoint.base_url), endpoint.key, link)
        if place not in self._seen:
            self._seen[place] = await _look(endpoint)
        return self._seen[place]

    async def key_is_verified(self, endpoint: Endpoint) -> bool:
        """Whether the key is known to work without requesting an answer.

        A list that needs no key (as at llama.cpp, OpenRouter and Vercel's gateway) proves nothing,
        so it is requested once more without one.
        """
        look = await self.probe(endpoint)
        if look.key_accepted is None and look.models and endpoint.key is not None:
            others = await _look(replace(endpoint, key=None, renew_key=lambda: None))
            look.key_accepted = isinstance(others.failure, Unauthorized) or None
        return look.key_accepted is True


async def _look(endpoint: Endpoint) -> ProbeResult:
    """Ask for the list of models over a connection of its own. Hides no failure."""
    http = HttpClient.of(endpoint)
    try:
        offered = parse_model_list(await http.get(MODELS_PATH))
        return ProbeResult(http.connect_ms, offered)
    except ProviderError as error:
        return ProbeResult(http.connect_ms, failure=error)
    finally:
        await http.close()
