"""A first look at endpoints for `doctor`: reached, which models, and whether the key is taken.

Each is asked once, however many checks want to know: completions and conversations mostly share a
host and a key. Only free questions are put here; what comes of them is said in `endpoint_check.py`
and `chat_check.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from devstral_lsp.errors import ProviderError, Unauthorized
from devstral_lsp.providers.base import ConnectionOptions, Endpoint, Secret
from devstral_lsp.providers.http.client import strip_route
from devstral_lsp.providers.models.cards import ModelCard
from devstral_lsp.providers.probe import Probe

_FORBIDDEN = 403
"""Says that a key may not do this, and so that it is one."""


@dataclass(slots=True)
class ProbeResult:
    """What an endpoint showed. `failure` is what came in the place of its list of models.

    `connect_ms` is None where it was not reached. `key_accepted` says whether it answers to the key
    that it was shown, or to none where there is none; None as long as that is not known.
    """

    connect_ms: float | None
    models: tuple[ModelCard, ...] = ()
    failure: ProviderError | None = None
    key_accepted: bool | None = None

    @property
    def refuses_key(self) -> bool:
        """Whether it said that it does not know the key."""
        return isinstance(self.failure, Unauthorized) and self.failure.status != _FORBIDDEN

    def card(self, model: str) -> ModelCard | None:
        """What the list says of `model`, by any of its names."""
        return next((card for card in self.models if model in card.names), None)


class ProbeCache:
    """What has been seen in one check-up."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Secret | None, ConnectionOptions], ProbeResult] = {}

    async def probe(self, endpoint: Endpoint) -> ProbeResult:
        """What this host shows to this key; it is asked the first time."""
        # How long one waits makes no other place of it.
        link = replace(
            endpoint.connection, connect_ms=None, read_timeout_ms=None, total_timeout_ms=0
        )
        place = (strip_route(endpoint.base_url), endpoint.key, link)
        if place not in self._seen:
            self._seen[place] = await _look(endpoint)
        return self._seen[place]

    async def key_is_verified(self, endpoint: Endpoint) -> bool:
        """Whether the key is known to be taken without asking for an answer.

        A list that is given to anybody (llama.cpp, OpenRouter and Vercel's gateway do so) proves
        no key, so that it is asked for without one.
        """
        look = await self.probe(endpoint)
        if look.key_accepted is None and look.models and endpoint.key is not None:
            others = await _look(replace(endpoint, key=None))
            look.key_accepted = isinstance(others.failure, Unauthorized) or None
        return look.key_accepted is True


async def _look(endpoint: Endpoint) -> ProbeResult:
    probe = Probe(endpoint)
    try:
        offered = await probe.models()
        return ProbeResult(probe.connect_ms, offered)
    except ProviderError as error:
        return ProbeResult(probe.connect_ms, failure=error)
    finally:
        await probe.close()
